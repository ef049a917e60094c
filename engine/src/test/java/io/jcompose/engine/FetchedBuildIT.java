package io.jcompose.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Progress;
import io.jcompose.core.build.BuildSpec;
import io.jcompose.core.build.Builds;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What builds fetch: files of a web server and commits of a git daemon, both on loopback. */
@Timeout(120)
class FetchedBuildIT {
  private static final String DATE = "Wed, 21 Oct 2015 07:28:00 GMT";
  private static final String SECONDS = "1445412480";
  private static final String SHA =
      "sha256:" + "a948904f2f0f479b8f8197694b30184b0d2ed1c1cd2a1ec0fb85d299a192a447";
  @RegisterExtension static final EngineFixture host = new EngineFixture();

  @TempDir Path folder;
  private final Map<String, byte[]> files = new ConcurrentHashMap<>();
  private final Map<String, String> redirects = new ConcurrentHashMap<>();
  private final AtomicInteger requests = new AtomicInteger();
  private HttpServer server;

  @BeforeEach
  void serve() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
    files.put("/dir/hello.txt", "hello world\n".getBytes(StandardCharsets.UTF_8));
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    requests.incrementAndGet();
    String path = exchange.getRequestURI().getPath();
    byte[] body = files.get(path);
    if (redirects.containsKey(path)) {
      exchange.getResponseHeaders().add("Location", redirects.get(path));
      exchange.sendResponseHeaders(302, -1);
    } else if (body == null) {
      exchange.sendResponseHeaders(404, -1);
    } else {
      exchange.getResponseHeaders().add("Last-Modified", DATE);
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
    }
    exchange.close();
  }

  private String url(String path) {
    return "http://127.0.0.1:" + server.getAddress().getPort() + path;
  }

  private Builds.Built build(String... lines) {
    String text = "FROM " + host.image + "\n" + String.join("\n", lines) + "\n";
    return build(BuildSpec.of("web", folder).with().dockerfileText(text).build());
  }

  private static Builds.Built build(BuildSpec spec) {
    return host.engine().builds().build(List.of(spec), Progress.NONE).getFirst();
  }

  private static String in(Builds.Built built, String script) {
    String id = host.run(new TestSpec("try", built.imageId()).sh(script));
    String log = host.log(id);
    host.containers().remove(id, true, true);
    return log;
  }

  @Test
  void aFileIsFetchedWithItsNameAndTime() {
    String hello = url("/dir/hello.txt?x=/y");
    Builds.Built built =
        build(
            "ADD " + hello + " /into/",
            "ADD --chmod=755 --chown=5:6 " + hello + " /run-me",
            "ADD " + url("/dir/hello.txt") + " /into");
    assertThat(in(built, "busybox stat -c '%n %a %u:%g %Y' /into/* /run-me; cat /run-me"))
        .isEqualTo(
            "/into/hello.txt 600 0:0 %s\n/run-me 755 5:6 %s\nhello world\n"
                .formatted(SECONDS, SECONDS));
  }

  @Test
  void whatIsTheSameIsNotAddedAgain() {
    String add = "ADD " + url("/dir/hello.txt") + " /one";
    Builds.Built first = build(add);
    assertThat(build(add)).isEqualTo(new Builds.Built(first.imageId(), true));
    files.put("/dir/hello.txt", "other\n".getBytes(StandardCharsets.UTF_8));
    Builds.Built changed = build(add);
    assertThat(changed.cached()).isFalse();
    assertThat(in(changed, "cat /one")).isEqualTo("other\n");
  }

  @Test
  void aChecksumIsKeptAndSparesTheFetch() {
    String add = "ADD --checksum=" + SHA + " " + url("/dir/hello.txt") + " /sum";
    assertThat(in(build(add), "cat /sum")).isEqualTo("hello world\n");
    int before = requests.get();
    assertThat(build(add).cached()).isTrue();
    assertThat(requests).hasValue(before);
    files.put("/dir/hello.txt", "other\n".getBytes(StandardCharsets.UTF_8));
    assertThatThrownBy(() -> build(add.replace("/sum", "/other")))
        .isInstanceOf(JcomposeException.Conflict.class)
        .hasMessageContaining("digest mismatch " + SHA);
    assertThatThrownBy(() -> build("ADD --checksum=" + SHA + " file /x"))
        .hasMessageContaining("checksum requires HTTP(S) or Git sources");
  }

  @Test
  void whatCannotBeFetchedIsSaid() {
    assertThatThrownBy(() -> build("ADD " + url("/none") + " /x"))
        .isInstanceOf(JcomposeException.NotFound.class)
        .hasMessageContaining("invalid response status 404");
    redirects.put("/round", "/round");
    assertThatThrownBy(() -> build("ADD " + url("/round") + " /x"))
        .hasMessageContaining("more than 10 redirects");
    redirects.put("/file", "file:///etc/passwd");
    assertThatThrownBy(() -> build("ADD " + url("/file") + " /x"))
        .hasMessageContaining("an invalid address");
    redirects.put("/moved", "/dir/hello.txt");
    assertThat(in(build("ADD " + url("/moved") + " /x/"), "cat /x/moved"))
        .isEqualTo("hello world\n");
    assertThatThrownBy(() -> build("ADD http://user:word@127.0.0.1/x /x"))
        .hasMessageContaining("an address with a login is not fetched");
    assertThatThrownBy(() -> build("COPY " + url("/dir/hello.txt") + " /x"))
        .hasMessageContaining("source can't be a URL for COPY");
  }

  private byte[] archive(String make) throws IOException {
    Path made = Files.createDirectories(folder.resolve("made"));
    assertThat(EngineFixture.shell("cd " + made + " && " + make + "; echo ok")).endsWith("ok\n");
    return Files.readAllBytes(made.resolve("a"));
  }

  @Test
  void anArchiveIsUnpackedWhereThatIsAskedFor() throws Exception {
    files.put("/a.tgz", archive("echo in >f && tar czf a f"));
    Builds.Built built =
        build("ADD " + url("/a.tgz") + " /as/it/is", "ADD --unpack " + url("/a.tgz") + " /un/");
    assertThat(in(built, "cat /un/f; ls /as/it/is")).isEqualTo("in\n/as/it/is\n");
  }

  @Test
  void aContextMayBeAnArchiveOfTheWebOrADockerfile() throws Exception {
    String dockerfile = "FROM " + host.image + "\\nCOPY f /f\\n";
    String make = "echo in >f && printf '%s' >Dockerfile && tar cf a f Dockerfile";
    files.put("/a.tar", archive(make.formatted(dockerfile)));
    BuildSpec spec = BuildSpec.of("web", folder).with().context(url("/a.tar")).build();
    assertThat(in(build(spec), "cat /f")).isEqualTo("in\n");
    assertThat(host.engine().builds().check(spec)).isEmpty();
    files.put("/plain", ("FROM " + host.image + "\nENV A=1\n").getBytes(StandardCharsets.UTF_8));
    Builds.Built plain = build(spec.with().context(url("/plain")).build());
    assertThat(in(plain, "echo $A")).isEqualTo("1\n");
    assertThatThrownBy(() -> build(spec.with().context(url("/none")).build()))
        .isInstanceOf(JcomposeException.NotFound.class)
        .hasMessageStartingWith("unable to prepare context of web: ");
    assertThat(host.root.resolve("state/build/scratch").toFile().list()).isEmpty();
  }

  @Test
  void whatIsFetchedHasNoFileOfThisHostRead() throws Exception {
    files.put("/a.tar", archive("ln -s /etc/passwd Dockerfile && tar cf a Dockerfile"));
    BuildSpec spec = BuildSpec.of("web", folder).with().context(url("/a.tar")).build();
    assertThatThrownBy(() -> build(spec))
        .isInstanceOf(JcomposeException.PermissionDenied.class)
        .hasMessageContaining("\"Dockerfile\" leads out of the build context");
  }

  @Test
  void anArchiveOfTheHostIsNoContext() throws Exception {
    Path archive = folder.resolve("made/a");
    byte[] _ = archive("printf 'FROM scratch' >Dockerfile && tar cf a Dockerfile");
    for (String context : List.of("archive:" + archive, "archive://" + archive)) {
      BuildSpec spec = BuildSpec.of("web", folder).with().context(context).build();
      assertThatThrownBy(() -> build(spec)).isInstanceOf(JcomposeException.NotSupported.class);
    }
  }

  @Test
  void aContextMayBeSent() throws Exception {
    Builds builds = host.engine().builds();
    String dockerfile = "FROM " + host.image + "\\nCOPY f /sent\\n";
    byte[] sent = archive("echo s >f && printf '%s' >D && tar cJf a f D".formatted(dockerfile));
    BuildSpec spec = BuildSpec.of("web", folder).with().context("").dockerfile("D").build();
    try (Builds.Received received = builds.receive(new ByteArrayInputStream(sent))) {
      assertThat(in(build(received.of(spec)), "cat /sent")).isEqualTo("s\n");
    }
    byte[] text = ("FROM " + host.image + "\nENV B=2\n").getBytes(StandardCharsets.UTF_8);
    try (Builds.Received received = builds.receive(new ByteArrayInputStream(text))) {
      assertThatThrownBy(() -> received.of(spec)).hasMessageContaining("ambiguous Dockerfile");
      Builds.Built built = build(received.of(spec.with().dockerfile("").build()));
      assertThat(in(built, "echo $B")).isEqualTo("2\n");
    }
    try (Builds.Received received = builds.receive(new ByteArrayInputStream(new byte[0]))) {
      assertThatThrownBy(() -> received.of(spec.with().dockerfile("").build()))
          .hasMessageContaining("it is empty");
    }
    assertThat(host.root.resolve("state/build/scratch").toFile().list()).isEmpty();
  }

  /** A repository with a branch and a tag, served until the process ends. */
  private final class Repository implements AutoCloseable {
    private final Process daemon;
    private final String url;

    Repository() throws Exception {
      String make =
          """
          cd %s && git init -q -b main repo.git && cd repo.git && mkdir -p sub/deep &&
          git config user.email a@b && git config user.name a &&
          echo one >sub/file && ln -s file sub/link && echo top >top &&
          printf 'FROM %s\\nCOPY deep/f /f\\n' >sub/Dockerfile && echo deep >sub/deep/f &&
          git add . && GIT_COMMITTER_DATE='%s' git commit -q -m first && git tag v1 &&
          echo two >sub/file && git commit -q -a -m second && echo ok
          """;
      String made = make.formatted(folder, host.image, DATE);
      assertThat(EngineFixture.shell(made)).isEqualTo("ok\n");
      int port = freePort();
      daemon =
          new ProcessBuilder(
                  "git",
                  "daemon",
                  "--reuseaddr",
                  "--export-all",
                  "--listen=127.0.0.1",
                  "--port=" + port,
                  "--base-path=" + folder)
              .redirectErrorStream(true)
              .redirectOutput(folder.resolve("daemon.log").toFile())
              .start();
      url = "git://127.0.0.1:" + port + "/repo.git";
      EngineFixture.await(
          "git daemon", () -> EngineFixture.shell("git ls-remote " + url).contains("main"));
    }

    String commit(String name) {
      return EngineFixture.shell("cd " + folder + "/repo.git && git rev-parse " + name).strip();
    }

    @Override
    public void close() {
      daemon.descendants().forEach(ProcessHandle::destroy);
      daemon.destroy();
      daemon.onExit().join();
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  @Test
  void aCommitIsAdded() throws Exception {
    try (Repository repository = new Repository()) {
      String first = repository.commit("v1");
      Builds.Built built =
          build(
              "ADD " + repository.url + "#main /all",
              "ADD --chown=5:6 " + repository.url + "?tag=v1&subdir=sub /sub/",
              "ADD --keep-git-dir=true --checksum=" + first + " " + repository.url + "#v1 /git");
      String look =
          "cat /all/sub/file /all/top /sub/link; ls -A /all; ls -d /git/.git;"
              + " busybox stat -c '%a %u:%g %Y' /sub/file";
      assertThat(in(built, look))
          .isEqualTo("two\ntop\none\nsub\ntop\n/git/.git\n644 5:6 " + SECONDS + "\n");
      assertThat(build("ADD " + repository.url + "#main /all").cached()).isTrue();
      assertThatThrownBy(() -> build("ADD --checksum=a " + repository.url + " /x"))
          .hasMessageContaining("has less than 7 digits");
      assertThatThrownBy(() -> build("ADD " + repository.url + "#none /x"))
          .hasMessageContaining("no branch or tag \"none\"");
      assertThatThrownBy(() -> build("ADD --checksum=" + first + " " + repository.url + " /x"))
          .isInstanceOf(JcomposeException.Conflict.class)
          .hasMessageContaining("expected checksum to match " + first);
    }
  }

  @Test
  void aContextMayBeARepository() throws Exception {
    try (Repository repository = new Repository()) {
      BuildSpec spec = BuildSpec.of("web", folder);
      BuildSpec sub = spec.with().context(repository.url + "#v1:sub").build();
      assertThat(in(build(sub), "cat /f")).isEqualTo("deep\n");
      BuildSpec named =
          spec.with()
              .dockerfileText("FROM " + host.image + "\nCOPY --from=lib sub/file /lib\n")
              .contexts(Map.of("lib", repository.url))
              .build();
      assertThat(in(build(named), "cat /lib")).isEqualTo("two\n");
      BuildSpec none = spec.with().context(repository.url + "#main:none").build();
      assertThatThrownBy(() -> build(none)).hasMessageContaining("has no folder none");
    }
  }

  @Test
  void submodulesAreNotLeftOutSilently() throws Exception {
    try (Repository repository = new Repository()) {
      assertThat(
              EngineFixture.shell(
                  "cd "
                      + folder
                      + "/repo.git && touch .gitmodules && git add . &&"
                      + " git commit -q -m third && echo ok"))
          .isEqualTo("ok\n");
      assertThatThrownBy(() -> build("ADD " + repository.url + " /x"))
          .isInstanceOf(JcomposeException.NotSupported.class)
          .hasMessageContaining("has submodules, which are not fetched");
      assertThat(in(build("ADD " + repository.url + "?submodules=0 /x"), "cat /x/top"))
          .isEqualTo("top\n");
    }
  }
}
