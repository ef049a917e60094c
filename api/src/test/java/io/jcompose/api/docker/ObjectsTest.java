package io.jcompose.api.docker;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.api.docker.DockerFakes.Answer;
import io.jcompose.core.ContainerView.State;
import io.jcompose.core.Contents;
import io.jcompose.core.Digest;
import io.jcompose.core.Images;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Networks;
import io.jcompose.core.Progress;
import io.jcompose.core.RegistryLogins;
import io.jcompose.core.Volumes;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Images, volumes, networks and files of containers that are changed, brought and taken. */
@Timeout(30)
class ObjectsTest {
  @TempDir Path folder;
  private final List<RegistryLogins> logins = new ArrayList<>();
  private DockerFakes docker;

  @BeforeEach
  void open() throws IOException {
    docker = new DockerFakes(folder);
    docker.images.add(DockerFakes.image("busybox:latest"));
    docker.containers.add(DockerFakes.container("run", State.RUNNING));
  }

  @AfterEach
  void close() throws IOException {
    docker.close();
  }

  private static void refused(Answer answer, int status, String message) throws IOException {
    assertThat(answer.status()).as(answer.body()).isEqualTo(status);
    assertThat(answer.message()).isEqualTo(message);
  }

  private static void write(Object out, String text) {
    try {
      ((OutputStream) out).write(text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String read(Object in) {
    try {
      return new String(((InputStream) in).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void imagesGetAndLoseNames() throws IOException {
    assertThat(docker.post("/images/busybox:latest/tag?repo=a/b&tag=1").status()).isEqualTo(201);
    docker.answers.put("Images.remove", arguments -> List.of("Untagged: a:1", "Deleted: sha256:d"));
    assertThat(docker.call("DELETE", "/images/busybox:latest?force=1", "").body().strip())
        .isEqualTo("[{\"Untagged\":\"a:1\"},{\"Deleted\":\"sha256:d\"}]");
    assertThat(docker.asked).containsExactly("tag sha256:" + "b".repeat(64) + " a/b:1");
    refused(docker.post("/images/no/tag?repo=a"), 404, "No such image: no:latest");
    refused(docker.call("DELETE", "/images/no", ""), 404, "No such image: no:latest");
    docker.answers.put(
        "Images.remove",
        arguments -> {
          throw new JcomposeException.Conflict("conflict: unable to remove");
        });
    refused(docker.call("DELETE", "/images/busybox:latest", ""), 409, "conflict: unable to remove");
  }

  private Answer pull(String query, String header) throws IOException {
    return docker.talkOn(
        "POST /images/create?"
            + query
            + " HTTP/1.1\r\nConnection: close\r\nX-Registry-Auth: "
            + header
            + "\r\n\r\n");
  }

  @Test
  void aPullTellsLayersAndWhatCameOfIt() throws IOException {
    docker.answers.put(
        "Images.pull",
        arguments -> {
          Progress progress = (Progress) arguments[2];
          logins.add(progress.logins());
          progress.report(Progress.Step.of("Image busybox", "Pulling"));
          progress.report(new Progress.Step("abc", "Image busybox", "Downloading", "", 5, 10));
          return DockerFakes.image("busybox:latest");
        });
    docker.answers.put("Images.find", arguments -> java.util.Optional.empty());
    String auth =
        Base64.getUrlEncoder()
            .encodeToString(
                "{\"username\":\"u\",\"password\":\"p\"}".getBytes(StandardCharsets.UTF_8));
    Answer answer = pull("fromImage=busybox&tag=latest", auth);
    assertThat(answer.type()).isEqualTo("application/json");
    assertThat(answer.body())
        .isEqualTo(
            "{\"status\":\"Pulling from library/busybox\",\"id\":\"latest\"}\r\n"
                + "{\"status\":\"Downloading\",\"progressDetail\":{\"current\":5,\"total\":10},"
                + "\"progress\":\"["
                + "=".repeat(25)
                + ">"
                + " ".repeat(25)
                + "]  5B/10B\",\"id\":\"abc\"}\r\n{\"status\":\"Digest: sha256:"
                + "c".repeat(64)
                + "\"}\r\n{\"status\":\"Status: Downloaded newer image for busybox:latest\"}\r\n");
    pull("fromImage=busybox", "e30=");
    assertThat(logins)
        .containsExactly(
            new RegistryLogins.OfCaller(Map.of("docker.io", new RegistryLogins.Login("u", "p"))),
            new RegistryLogins.OfCaller(Map.of())); // never the engine's
    refused(pull("fromImage=busybox", "!"), 400, "invalid X-Registry-Auth header");
    assertThat(pull("fromImage=BAD", "").status()).isEqualTo(400);
    assertThat(pull("fromImage=a&tag=b%20c", "").status()).isEqualTo(400);
    assertThat(pull("fromSrc=http:%2F%2Fa", "").status()).isEqualTo(501);
  }

  @Test
  void aRootFileSystemBecomesAnImage() throws IOException {
    docker.answers.put("Images.importRoot", arguments -> read(arguments[0]) + arguments[1]);
    Answer answer =
        docker.call(
            "POST",
            "/images/create?fromSrc=-&repo=a/b&tag=1&message=m&changes=ENV%20A=b&changes=",
            "tar");
    assertThat(answer.body())
        .isEqualTo(
            "{\"status\":\"tar"
                + new Images.Import("a/b:1", List.of("ENV A=b"), "m", "")
                + "\"}\r\n");
  }

  @Test
  void allTagsOfARepositoryArePushedAtOnce() throws IOException {
    docker.images.clear();
    docker.images.add(DockerFakes.image("a/b:2", "a/b:1", "a/bc:1", "r:5000/a/b:1"));
    docker.answers.put(
        "Images.push",
        arguments -> {
          String name = String.valueOf(arguments[0]);
          return new Images.Pushed(name.substring(name.indexOf(':') + 1), "sha256:d", 5);
        });
    assertThat(docker.post("/images/a/b/push").body().lines().filter(l -> l.contains("digest")))
        .containsExactly(
            "{\"status\":\"1: digest: sha256:d size: 5\"}",
            "{\"status\":\"2: digest: sha256:d size: 5\"}");
    assertThat(docker.post("/images/a/b/push?tag=3").body())
        .endsWith(
            "{\"errorDetail\":{\"message\":\"tag does not exist: a/b:3\"},"
                + "\"error\":\"tag does not exist: a/b:3\"}\r\n");
    assertThat(docker.post("/images/no/push").body())
        .contains("\"error\":\"An image does not exist locally with the tag: no\"");
  }

  @Test
  void whatARegistryHasIsToldWithItsPlatforms() throws IOException {
    docker.answers.put(
        "Images.published",
        arguments -> {
          if (String.valueOf(arguments[0]).contains("no")) {
            throw new JcomposeException.NotFound("somewhere");
          }
          return new Images.Published(
              "application/vnd.oci.image.index.v1+json",
              Digest.parse("sha256:" + "d".repeat(64)),
              9,
              List.of("linux/arm64/v8", "linux/amd64"));
        });
    assertThat(docker.get("/distribution/a/b:1/json").body().strip())
        .isEqualTo(
            "{\"Descriptor\":{\"mediaType\":\"application/vnd.oci.image.index.v1+json\","
                + "\"digest\":\"sha256:"
                + "d".repeat(64)
                + "\",\"size\":9},\"Platforms\":[{\"architecture\":\"arm64\",\"os\":\"linux\","
                + "\"variant\":\"v8\"},{\"architecture\":\"amd64\",\"os\":\"linux\"}]}");
    refused(docker.get("/distribution/no/json"), 404, "manifest unknown: manifest unknown");
  }

  @Test
  void anErrorIsAnAnswerOrTheLastLine() throws IOException {
    docker.answers.put(
        "Images.pull",
        arguments -> {
          throw new JcomposeException.NotFound("manifest unknown");
        });
    refused(pull("fromImage=busybox", ""), 404, "manifest unknown");
    docker.answers.put(
        "Images.pull",
        _ -> {
          throw new JcomposeException.Unavailable("no registry answers");
        });
    refused(pull("fromImage=busybox", ""), 500, "no registry answers"); // is tried again
    docker.answers.put(
        "Images.push",
        arguments -> {
          throw new JcomposeException.PermissionDenied("denied");
        });
    Answer push = docker.post("/images/busybox/push?tag=latest");
    assertThat(push.body())
        .isEqualTo(
            "{\"status\":\"The push refers to repository [docker.io/library/busybox]\"}\r\n"
                + "{\"errorDetail\":{\"message\":\"denied\"},\"error\":\"denied\"}\r\n");
    docker.answers.put("Images.push", arguments -> new Images.Pushed("latest", "sha256:d", 527));
    assertThat(docker.post("/images/busybox/push?tag=latest").body())
        .endsWith(
            "{\"status\":\"latest: digest: sha256:d size: 527\"}\r\n{\"progressDetail\":{},"
                + "\"aux\":{\"Tag\":\"latest\",\"Digest\":\"sha256:d\",\"Size\":527}}\r\n");
  }

  @Test
  void archivesOfImagesGoBothWays() throws IOException {
    docker.answers.put(
        "Images.save",
        arguments -> {
          if (((List<?>) arguments[0]).contains("no")) {
            throw new JcomposeException.NotFound("No such image: no");
          }
          write(arguments[1], "tar of " + arguments[0]);
          return null;
        });
    Answer saved = docker.get("/images/get?names=a&names=b");
    assertThat(saved.type()).isEqualTo("application/x-tar");
    assertThat(saved.body()).isEqualTo("tar of [a, b]");
    assertThat(docker.get("/images/a/b:1/get").body()).isEqualTo("tar of [a/b:1]");
    refused(docker.get("/images/no/get"), 404, "No such image: no");
    docker.answers.put(
        "Images.load",
        arguments ->
            List.of(new Images.Loaded(read(arguments[0]), "i"), new Images.Loaded("", "j")));
    assertThat(docker.call("POST", "/images/load", "name").body())
        .isEqualTo(
            "{\"stream\":\"Loaded image: name\\n\"}\r\n{\"stream\":\"Loaded image ID: j\\n\"}\r\n");
    docker.answers.put(
        "Images.load",
        arguments -> {
          throw new JcomposeException.Corrupt("no archive");
        });
    refused(docker.call("POST", "/images/load", "x".repeat(300_000)), 500, "no archive");
  }

  @Test
  void volumesAndNetworksComeAndGo() throws IOException {
    docker.answers.put(
        "Volumes.create",
        arguments ->
            new Volumes.VolumeView(
                (Volumes.VolumeSpec) arguments[0], Path.of("/v"), DockerFakes.NOW, false));
    Answer made =
        docker.call("POST", "/volumes/create", "{\"Name\":\"v\",\"Labels\":{\"a\":\"b\"}}");
    assertThat(made.status()).isEqualTo(201);
    assertThat(made.body()).contains("\"Labels\":{\"a\":\"b\"}").contains("\"Name\":\"v\"");
    refused(
        docker.call("POST", "/volumes/create", "{\"Name\":\"w\",\"Driver\":\"x\"}"),
        404,
        "create w: error looking up volume plugin x: plugin \"x\" not found");
    refused(docker.call("DELETE", "/volumes/no", ""), 404, "get no: no such volume");
    assertThat(docker.call("DELETE", "/volumes/no?force=1", "").status()).isEqualTo(204);
    docker.networks.add(
        new Networks.NetworkView("e".repeat(64), Networks.NetworkSpec.of("shop"), DockerFakes.NOW));
    docker.networks.add(
        new Networks.NetworkView(
            "f".repeat(64), Networks.NetworkSpec.predefinedBridge(), DockerFakes.NOW));
    assertThat(docker.call("DELETE", "/networks/shop", "").status()).isEqualTo(204);
    assertThat(docker.asked).containsExactly("remove no", "remove " + "e".repeat(64));
    refused(
        docker.call("DELETE", "/networks/bridge", ""),
        403,
        "bridge is a pre-defined network and cannot be removed");
    refused(docker.call("DELETE", "/networks/no", ""), 404, "network no not found");
    docker.answers.put(
        "Networks.remove",
        arguments -> {
          throw new JcomposeException.Conflict("network shop has active endpoints");
        });
    refused(docker.call("DELETE", "/networks/shop", ""), 403, "network shop has active endpoints");
  }

  /** A header of tar, with what is told of it. */
  private static String header(char type, String mode, String size, String link) {
    StringBuilder header = new StringBuilder("\0".repeat(512));
    put(header, 0, "x");
    put(header, 100, mode);
    put(header, 124, size);
    put(header, 136, "00000000001");
    put(header, 156, String.valueOf(type));
    put(header, 157, link);
    return header.toString();
  }

  private static void put(StringBuilder header, int at, String text) {
    header.replace(at, at + text.length(), text);
  }

  private String stat(String tar, String path) throws IOException {
    docker.answers.put("Contents.open", arguments -> new There(false, tar));
    Answer looked = docker.call("HEAD", "/containers/run/archive?path=" + path, "");
    assertThat(looked.status()).isEqualTo(200);
    Answer got = docker.get("/containers/run/archive?path=" + path);
    assertThat(got.type()).isEqualTo("application/x-tar");
    assertThat(got.body()).isEqualTo(tar);
    String name = "X-Docker-Container-Path-Stat: ";
    String line =
        looked.head().lines().filter(one -> one.startsWith(name)).findFirst().orElseThrow();
    assertThat(got.head()).contains(line);
    byte[] json = Base64.getDecoder().decode(line.substring(name.length()));
    return new String(json, StandardCharsets.UTF_8);
  }

  @Test
  void aPathIsToldByTheHeadOfItsArchive() throws IOException {
    assertThat(stat(header('0', "0000644", "00000000015", "") + "content", "/etc/hostname"))
        .isEqualTo(
            "{\"name\":\"hostname\",\"size\":13,\"mode\":420,"
                + "\"mtime\":\"1970-01-01T00:00:01Z\",\"linkTarget\":\"\"}");
    assertThat(stat(header('5', "0001755", "0", ""), "/data/"))
        .startsWith("{\"name\":\"data\",\"size\":4096,\"mode\":2148532717,");
    assertThat(stat(header('2', "0000777", "0", "there"), "/a/link"))
        .startsWith("{\"name\":\"link\",\"size\":5,\"mode\":134218239,")
        .endsWith("\"linkTarget\":\"/a/there\"}");
    assertThat(stat(header('5', "0000755", "0", ""), "/data/./" + "/".repeat(9000) + "."))
        .startsWith("{\"name\":\"data\",");
    String pax = "20 mtime=7.25\n12 size=9\n";
    assertThat(
            stat(
                header('x', "0", Integer.toOctalString(pax.length()), "")
                    + pax
                    + "\0".repeat(512 - pax.length())
                    + header('0', "0004755", "0", ""),
                "/"))
        .isEqualTo(
            "{\"name\":\"/\",\"size\":9,\"mode\":8389101,"
                + "\"mtime\":\"1970-01-01T00:00:07.250Z\",\"linkTarget\":\"\"}");
    refused(docker.get("/containers/run/archive"), 400, "bad parameter: path cannot be empty");
  }

  /** What there is at a path. */
  private record There(boolean isDirectory, String tar) implements Contents.Archive {
    @Override
    public String name() {
      return "there";
    }

    @Override
    public void writeTo(OutputStream out) throws IOException {
      for (byte b : tar.getBytes(StandardCharsets.ISO_8859_1)) {
        out.write(b); // the smallest parts that there are
      }
    }

    @Override
    public void close() {}
  }

  @Test
  void filesOfContainersAreTakenAndGiven() throws IOException {
    docker.answers.put(
        "Contents.export",
        arguments -> {
          write(arguments[1], "tar");
          return null;
        });
    Answer exported = docker.get("/containers/run/export");
    assertThat(exported.type()).isEqualTo("application/octet-stream");
    assertThat(exported.body()).isEqualTo("tar");
    List<String> written = new ArrayList<>();
    docker.answers.put(
        "Contents.open",
        arguments -> {
          if (arguments[1].equals("/no")) {
            throw new JcomposeException.NotFound("somewhere");
          }
          return new There(!arguments[1].equals("/file"), "");
        });
    docker.answers.put(
        "Contents.write",
        arguments -> {
          written.add(arguments[1] + " " + read(arguments[2]));
          return null;
        });
    assertThat(docker.call("PUT", "/containers/run/archive?path=%2Ftmp", "tar").status())
        .isEqualTo(200);
    assertThat(written)
        .containsExactly(new Contents.Destination("/tmp", "", false, false) + " tar");
    refused(
        docker.call("PUT", "/containers/run/archive?path=/no", "tar"),
        404,
        "Could not find the file /no in container run");
    refused(
        docker.call("PUT", "/containers/run/archive?path=/file", "tar"),
        400,
        "extraction point is not a directory");
    docker.answers.put("Contents.commit", arguments -> "sha256:" + arguments[1]);
    Answer commit =
        docker.call("POST", "/commit?container=run&repo=r&tag=1&comment=c&author=a&pause=0", "{}");
    assertThat(commit.status()).isEqualTo(201);
    assertThat(commit.body())
        .isEqualTo(
            "{\"Id\":\"sha256:" + new Contents.Commit("r:1", "a", "c", false, List.of()) + "\"}\n");
    docker.answers.put("Contents.commit", arguments -> arguments[1].toString());
    assertThat(docker.call("POST", "/commit?container=run", "null").status()).isEqualTo(201);
    Answer changed =
        docker.call(
            "POST",
            "/commit?container=run&changes=LABEL+x%3Dy",
            "{\"Cmd\":[\"a\",\"b\\nc\"],\"Entrypoint\":[\"/e\"],\"Env\":[\"A=$b \\\"c\\\"\"],"
                + "\"Labels\":{\"k\":\"\"},\"ExposedPorts\":{\"80/tcp\":{}},\"Volumes\":{\"/v\":{}},"
                + "\"User\":\"1\",\"WorkingDir\":\"/w\",\"StopSignal\":\"INT\",\"Image\":\"is passed over\"}");
    assertThat(changed.body().translateEscapes())
        .contains(
            new Contents.Commit(
                    "",
                    "",
                    "",
                    true,
                    List.of(
                        "CMD [\"a\",\"b\\nc\"]",
                        "ENTRYPOINT [\"/e\"]",
                        "ENV \"A=\\$b \\\"c\\\"\"",
                        "LABEL \"k=\"",
                        "EXPOSE \"80/tcp\"",
                        "VOLUME [\"/v\"]",
                        "USER \"1\"",
                        "WORKDIR \"/w\"",
                        "STOPSIGNAL \"INT\"",
                        "LABEL x=y"))
                .toString());
    refused(
        docker.call("POST", "/commit?container=run", "{\"Env\":[\"A=b\\nc\"]}"),
        501,
        "jcompose does not carry out an end of line in the config of a commit yet");
    refused(docker.post("/commit"), 400, "invalid name or ID supplied: \"\"");
    refused(docker.post("/commit?container=no"), 404, "No such container: no");
  }
}
