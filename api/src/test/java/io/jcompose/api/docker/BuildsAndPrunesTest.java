package io.jcompose.api.docker;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.jcompose.api.docker.DockerFakes.Answer;
import io.jcompose.api.text.JsonText;
import io.jcompose.core.ContainerSpec.Ulimit;
import io.jcompose.core.ContainerView.State;
import io.jcompose.core.Images;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Progress;
import io.jcompose.core.RegistryLogins;
import io.jcompose.core.RegistryLogins.Login;
import io.jcompose.core.build.BuildSpec;
import io.jcompose.core.build.Builds;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
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

/** The classic {@code POST /build}, {@code prune}, {@code /auth} and search. */
@Timeout(30)
class BuildsAndPrunesTest {
  private static final String ID = "sha256:" + "a".repeat(64);

  @TempDir Path folder;
  private DockerFakes docker;
  private final List<BuildSpec> built = new ArrayList<>();
  private final List<String> received = new ArrayList<>();
  private RegistryLogins logins = RegistryLogins.OF_ENGINE;

  @BeforeEach
  void open() throws IOException {
    docker = new DockerFakes(folder);
    docker.answers.put("Builds.receive", arguments -> received((InputStream) arguments[0]));
    docker.answers.put("Builds.build", arguments -> build((List<?>) arguments[0], arguments[1]));
  }

  @AfterEach
  void close() throws IOException {
    docker.close();
  }

  private Builds.Received received(InputStream content) {
    try {
      received.add(new String(content.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Builds.Received() {
      @Override
      public BuildSpec of(BuildSpec spec) {
        return spec.with().context("archive:/sent").build();
      }

      @Override
      public void close() {
        received.add("closed");
      }
    };
  }

  private List<Builds.Built> build(List<?> specs, Object giver) {
    Progress progress = (Progress) giver;
    built.add((BuildSpec) specs.getFirst());
    logins = progress.logins();
    progress.report(Progress.Step.of("Image image", "Building"));
    step(progress, "[image 1/3] FROM busybox", "Cached", "");
    step(progress, "[image build 2/3] RUN make", "Building", "");
    step(progress, "[image build 2/3] RUN make", Builds.OUTPUT, "made");
    if (built.getFirst().target().equals("broken")) {
      throw new JcomposeException.Conflict(
          "Dockerfile:2:1: process \"/bin/sh -c make\" did not complete successfully: exit code: 9");
    }
    return List.of(new Builds.Built(ID, false));
  }

  private static void step(Progress progress, String id, String status, String text) {
    progress.report(new Progress.Step(id, "Image image", status, text, 0, 0));
  }

  private Answer send(String query, String header) throws IOException {
    String body = "the context";
    return docker.talkOn(
        "POST /v1.51/build?"
            + query
            + " HTTP/1.1\r\nConnection: close\r\nContent-Type: application/x-tar\r\n"
            + header
            + "Content-Length: "
            + body.length()
            + "\r\n\r\n"
            + body);
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  @Test
  void aBuildIsToldAsTheFormerBuilderToldIt() throws IOException {
    Answer answer = send("t=one&t=two:2", "");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.body())
        .isEqualTo(
            String.join(
                    "\r\n",
                    "{\"stream\":\"Step 1/3 : FROM busybox\\n\"}",
                    "{\"stream\":\" ---> Using cache\\n\"}",
                    "{\"stream\":\"Step 2/3 : RUN make\\n\"}",
                    "{\"stream\":\"made\\n\"}",
                    "{\"aux\":{\"ID\":\"" + ID + "\"}}",
                    "{\"stream\":\"Successfully built aaaaaaaaaaaa\\n\"}",
                    "{\"stream\":\"Successfully tagged one:latest\\n\"}",
                    "{\"stream\":\"Successfully tagged two:2\\n\"}")
                + "\r\n");
    assertThat(received).containsExactly("the context", "closed");
    assertThat(built.getFirst().context()).isEqualTo("archive:/sent");
    assertThat(built.getFirst().tags()).containsExactly("one", "two:2");
    assertThat(logins).isEqualTo(new RegistryLogins.OfCaller(Map.of()));
  }

  @Test
  void aQuietOneTellsTheIdAlone() throws IOException {
    assertThat(send("q=1", "").body()).isEqualTo("{\"stream\":\"" + ID + "\\n\"}\r\n");
  }

  @Test
  void aFailureIsTheLastLineWithTheCommandsCode() throws IOException {
    Answer answer = send("target=broken", "");
    assertThat(answer.status()).isEqualTo(200);
    String last = answer.body().strip().lines().reduce((one, two) -> two).orElse("");
    JsonNode error = JsonText.MAPPER.readTree(last);
    assertThat(error.path("errorDetail").path("code").asInt()).isEqualTo(9);
    assertThat(error.path("error").asText()).startsWith("Dockerfile:2:1: process");
    assertThat(received).containsExactly("the context", "closed");
    Answer quiet = send("q=1&target=broken", "");
    assertThat(quiet.status()).isEqualTo(200);
    assertThat(quiet.body()).startsWith("{\"errorDetail\":{\"code\":9,").hasLineCount(1);
  }

  @Test
  void itsOptionsAndLoginsReachTheBuilder() throws IOException {
    String auth =
        Base64.getEncoder()
            .encodeToString(
                "{\"https://index.docker.io/v1/\":{\"username\":\"u\",\"password\":\"p\"}}"
                    .getBytes(StandardCharsets.UTF_8));
    Answer answer =
        send(
            "dockerfile=sub/D&nocache=1&pull=1&target=t&platform=linux/amd64&networkmode=host"
                + "&memory=5&memswap=-1&cpushares=2&cpusetcpus=0&shmsize=6&extrahosts=a:1.2.3.4"
                + "&buildargs="
                + encoded("{\"A\":\"b\",\"C\":null}")
                + "&labels="
                + encoded("{\"l\":\"v\"}")
                + "&ulimits="
                + encoded("[{\"Name\":\"nofile\",\"Soft\":1,\"Hard\":2}]"),
            "X-Registry-Config: " + auth + "\r\n");
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    BuildSpec spec = built.getFirst();
    assertThat(spec.dockerfile()).isEqualTo("sub/D");
    assertThat(spec.target()).isEqualTo("t");
    assertThat(spec.platform()).isEqualTo("linux/amd64");
    assertThat(spec.args()).isEqualTo(Map.of("A", "b"));
    assertThat(spec.labels()).isEqualTo(Map.of("l", "v"));
    assertThat(spec.cache().disabled()).isTrue();
    assertThat(spec.cache().pull()).isTrue();
    assertThat(spec.steps().network()).isEqualTo("host");
    assertThat(spec.steps().entitlements()).containsExactly("network.host");
    assertThat(spec.steps().extraHosts()).containsExactly("a=1.2.3.4");
    assertThat(spec.steps().shmSizeBytes()).isEqualTo(6);
    assertThat(spec.steps().ulimits()).isEqualTo(Map.of("nofile", new Ulimit(1, 2)));
    assertThat(spec.steps().limits().memoryBytes()).isEqualTo(5);
    assertThat(spec.steps().limits().memorySwapBytes()).isEqualTo(-1);
    assertThat(spec.steps().limits().cpuShares()).isEqualTo(2);
    assertThat(logins)
        .isEqualTo(new RegistryLogins.OfCaller(Map.of("docker.io", new Login("u", "p"))));
  }

  @Test
  void whatIsNotCarriedOutIsRefusedBeforeTheContextIsTaken() throws IOException {
    assertThat(send("version=2", "").status()).isEqualTo(400);
    assertThat(send("squash=1", "").status()).isEqualTo(501);
    assertThat(send("outputs=" + encoded("[{}]"), "").status()).isEqualTo(501);
    assertThat(send("remote=/etc", "").status()).isEqualTo(400);
    assertThat(send("buildargs=x", "").status()).isEqualTo(400);
    assertThat(send("t=UPPER", "").status()).isEqualTo(400);
    assertThat(send("memory=x", "").status()).isEqualTo(500);
    assertThat(send("memory=-", "").message()).endsWith("invalid syntax");
    assertThat(received).isEmpty();
  }

  @Test
  void prunesTellWhatIsGone() throws IOException {
    docker.containers.add(DockerFakes.container("end", State.EXITED));
    docker.containers.add(DockerFakes.container("run", State.RUNNING));
    String id = docker.containers.getFirst().id();
    assertThat(docker.post("/containers/prune").body())
        .isEqualTo("{\"ContainersDeleted\":[\"" + id + "\"],\"SpaceReclaimed\":0}\n");
    assertThat(docker.asked).contains("remove " + id + " false false");
    assertThat(docker.post("/containers/prune?filters=" + encoded("{\"label\":[\"no\"]}")).body())
        .isEqualTo("{\"ContainersDeleted\":null,\"SpaceReclaimed\":0}\n");
    assertThat(docker.post("/containers/prune?filters=" + encoded("{\"x\":[\"y\"]}")).status())
        .isEqualTo(400);
    docker.answers.put(
        "Images.prune",
        arguments -> new Images.Pruned(List.of("untagged: a:1 " + arguments[0], "deleted: b"), 7));
    assertThat(docker.post("/images/prune").body())
        .isEqualTo(
            "{\"ImagesDeleted\":[{\"Untagged\":\"a:1 false\"},{\"Deleted\":\"b\"}],"
                + "\"SpaceReclaimed\":7}\n");
    assertThat(docker.post("/images/prune?filters=" + encoded("{\"dangling\":[\"false\"]}")).body())
        .contains("a:1 true");
    docker.answers.put(
        "Builds.prune",
        arguments -> {
          Builds.Prune what = (Builds.Prune) arguments[0];
          return new Images.Pruned(List.of(what.keepBytes() + " " + what.caches()), 9);
        });
    assertThat(docker.post("/build/prune?all=1&keep-storage=5").body())
        .isEqualTo("{\"CachesDeleted\":[\"5 true\"],\"SpaceReclaimed\":9}\n");
    assertThat(docker.post("/build/prune?keep-storage=5GB").status()).isEqualTo(400);
    assertThat(docker.post("/build/prune?max-used-space=5").status()).isEqualTo(501);
    assertThat(docker.post("/networks/prune").body()).isEqualTo("{\"NetworksDeleted\":null}\n");
    for (String filter : List.of("{\"all\":[]}", "{\"all\":[\"true\",\"false\"]}")) {
      assertThat(docker.post("/volumes/prune?filters=" + encoded(filter)).status()).isEqualTo(400);
    }
    assertThat(docker.post("/images/prune?filters=" + encoded("{\"dangling\":[]}")).status())
        .isEqualTo(400);
    assertThat(docker.post("/volumes/prune").body())
        .isEqualTo("{\"VolumesDeleted\":null,\"SpaceReclaimed\":0}\n");
  }

  @Test
  void loginsAreShownToTheirRegistryAndNotKept() throws IOException {
    docker.answers.put(
        "Images.checkLogin",
        arguments -> {
          docker.asked.add(arguments[0] + " " + ((Login) arguments[1]).user());
          if (((Login) arguments[1]).secret().equals("wrong")) {
            throw new JcomposeException.PermissionDenied("unauthorized");
          }
          return arguments[1];
        });
    assertThat(docker.call("POST", "/auth", "{\"username\":\"u\",\"password\":\"p\"}").body())
        .isEqualTo("{\"IdentityToken\":\"\",\"Status\":\"Login Succeeded\"}\n");
    Answer refused =
        docker.call(
            "POST",
            "/auth",
            "{\"username\":\"u\",\"password\":\"wrong\",\"serveraddress\":\"https://r:5000/v2/\"}");
    assertThat(refused.status()).isEqualTo(401);
    assertThat(docker.asked).containsExactly("docker.io u", "r:5000 u");
  }

  @Test
  void searchesTellWhatTheRegistryHas() throws IOException {
    docker.answers.put(
        "Images.search",
        arguments ->
            List.of(
                new Images.SearchResult("few", "", 1, true),
                new Images.SearchResult("many", "told", 9, false)));
    assertThat(docker.get("/images/search?term=x&filters=" + encoded("{\"stars\":[\"3\"]}")).body())
        .isEqualTo(
            "[{\"star_count\":9,\"is_official\":false,\"name\":\"many\",\"is_automated\":false,"
                + "\"description\":\"told\"}]\n");
    assertThat(docker.get("/images/search?term=x&limit=101").status()).isEqualTo(400);
    assertThat(docker.get("/images/search").status()).isEqualTo(400);
  }
}
