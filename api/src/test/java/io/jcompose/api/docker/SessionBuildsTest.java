package io.jcompose.api.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.api.docker.rpc.ProtoMessage;
import io.jcompose.api.docker.rpc.ProtoWriter;
import io.jcompose.api.docker.rpc.RpcConnection;
import io.jcompose.api.docker.rpc.RpcFailure;
import io.jcompose.api.docker.rpc.RpcStream;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Progress;
import io.jcompose.core.RegistryLogins;
import io.jcompose.core.build.BuildSpec;
import io.jcompose.core.build.Builds;
import io.jcompose.core.build.SentFolder;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Builds as a client of BuildKit asks for them, with a client of our own. */
@Timeout(60)
class SessionBuildsTest {
  private static final String ID = "sha256:" + "a".repeat(64);
  private static final String CONTROL = "/moby.buildkit.v1.Control/";
  private static final String BRIDGE = "/moby.buildkit.v1.frontend.LLBBridge/";
  private static final String SESSION = "the-session";
  private static final int FOLDER = 1 << 31;
  private static final int LINK = 1 << 27;

  @TempDir Path folder;
  private DockerFakes docker;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final List<SocketChannel> channels = new ArrayList<>();
  private final List<BuildSpec> built = new CopyOnWriteArrayList<>();
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private final Map<String, Map<String, Object>> folders = new TreeMap<>();
  private final Map<String, String> seen = new TreeMap<>();
  private volatile String fault = "";
  private volatile boolean isGivenUp;

  @BeforeEach
  void open() throws IOException {
    docker = new DockerFakes(folder);
    docker.answers.put("Builds.receiveFolder", arguments -> new Folder(folder, seen));
    docker.answers.put("Builds.build", arguments -> build((List<?>) arguments[0], arguments[1]));
    folders.put("dockerfile", new TreeMap<>(Map.of("Dockerfile", "FROM busybox\nRUN make\n")));
    folders.put(
        "context", new TreeMap<>(Map.of(".dockerignore", "# no\n*.o\n!keep.o\n", "a", "A")));
  }

  @AfterEach
  void close() throws IOException {
    for (SocketChannel channel : channels) {
      channel.close();
    }
    docker.close();
    threads.shutdownNow();
  }

  private List<Builds.Built> build(List<?> specs, Object giver) {
    Progress progress = (Progress) giver;
    BuildSpec spec = (BuildSpec) specs.getFirst();
    built.add(spec);
    progress.loans().secret("token").ifPresent(bytes -> asked.add("token " + text(bytes)));
    if (progress.logins() instanceof RegistryLogins.OfSession logins) {
      logins.source().apply("r.test").ifPresent(login -> asked.add(login.user() + login.secret()));
      assertThat(logins.source().apply("other.test")).isEmpty();
    }
    assertThat(progress.loans().secret("none")).isEmpty();
    assertThat(progress.loans().agent("default")).isEmpty();
    progress.report(step("[image 2/2] RUN make", "Building", ""));
    progress.report(step("[image 2/2] RUN make", Builds.OUTPUT, "made"));
    if (spec.target().equals("long")) {
      CompletableFuture<String> over = new CompletableFuture<>();
      progress.onGone(() -> over.complete("gone"));
      over.join();
      isGivenUp = true;
      throw new JcomposeException.Cancelled("the build was given up");
    }
    if (spec.target().equals("broken")) {
      progress.report(step("[image 2/2] RUN make", "Error", ""));
      throw new JcomposeException.Conflict(
          "Dockerfile:2:1: process \"/bin/sh -c make\" did not complete successfully: exit code: 9"
              + "\nmade\n--------------------\n   1 |     FROM busybox\n   2 | >>> RUN make\n"
              + "--------------------");
    }
    progress.report(step("[image 2/2] RUN make", "Done", ""));
    return List.of(new Builds.Built(ID, false));
  }

  private static Progress.Step step(String id, String status, String text) {
    return new Progress.Step(id, "Image image", status, text, 0, 0);
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private SocketChannel upgraded(String path, String headers) throws IOException {
    SocketChannel channel = docker.connect();
    channels.add(channel);
    DockerFakes.send(
        channel,
        "POST "
            + path
            + " HTTP/1.1\r\nHost:\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n"
            + headers
            + "\r\n");
    InputStream in = Channels.newInputStream(channel);
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      head.append((char) in.read());
    }
    assertThat(head).startsWith("HTTP/1.1 101 ").contains("Upgrade: h2c\r\n");
    return channel;
  }

  private RpcConnection control() throws IOException {
    SocketChannel channel = upgraded("/grpc", "");
    RpcConnection client =
        RpcConnection.client(Channels.newInputStream(channel), Channels.newOutputStream(channel));
    run(client);
    return client;
  }

  private void session() throws IOException {
    SocketChannel channel =
        upgraded(
            "/session",
            "X-Docker-Expose-Session-Uuid: "
                + SESSION
                + "\r\nX-Docker-Expose-Session-Sharedkey: app:1\r\n");
    run(
        RpcConnection.server(
            Channels.newInputStream(channel), Channels.newOutputStream(channel), this::lend));
  }

  private void run(RpcConnection connection) {
    threads.submit(
        () -> {
          connection.run();
          return null;
        });
  }

  /** What the client lends. */
  private void lend(RpcStream call) throws IOException {
    switch (call.path()) {
      case "/moby.buildkit.secrets.v1.Secrets/GetSecret" -> {
        if (!call.request().text(1).equals("token")) {
          throw new RpcFailure(RpcFailure.NOT_FOUND, "no such secret");
        }
        call.send(new ProtoWriter().bytes(1, "sesame".getBytes(StandardCharsets.UTF_8)));
      }
      case "/moby.filesync.v1.Auth/Credentials" -> {
        boolean known = call.request().text(1).equals("r.test");
        call.send(known ? new ProtoWriter().text(1, "user").text(2, "pass") : new ProtoWriter());
      }
      case "/moby.filesync.v1.FileSync/DiffCopy" -> files(call);
      case "/moby.filesync.v1.FileSend/DiffCopy" -> {
        for (byte[] part = call.receive(); part != null; part = call.receive()) {
          asked.add("sent " + text(ProtoMessage.parse(part).bytes(1)));
        }
      }
      default -> throw new RpcFailure(RpcFailure.UNIMPLEMENTED, call.path());
    }
  }

  private void files(RpcStream call) throws IOException {
    String name = call.header("dir-name");
    Map<String, Object> files = folders.get(name);
    if (files == null) {
      throw new RpcFailure(RpcFailure.UNKNOWN, "no access allowed to dir \"" + name + "\"");
    }
    asked.add(name + " " + call.header("followpaths") + " " + call.header("exclude-patterns"));
    List<String> names =
        files.keySet().stream()
            .filter(
                one ->
                    call.header("followpaths").isEmpty() || call.header("followpaths").equals(one))
            .toList();
    for (String one : names) {
      call.send(new ProtoWriter().message(2, stat(one, files.get(one))));
    }
    call.send(new ProtoWriter());
    for (byte[] part = call.receive(); part != null; part = call.receive()) {
      ProtoMessage packet = ProtoMessage.parse(part);
      if (packet.number(1) == 3) {
        call.send(new ProtoWriter().number(1, 3));
        return;
      }
      long id = fault.equals("wrong id") ? 99 : packet.number(3);
      byte[] content =
          String.valueOf(files.get(names.get((int) packet.number(3))))
              .getBytes(StandardCharsets.UTF_8);
      if (fault.equals("breaks off")) {
        throw new RpcFailure(RpcFailure.UNKNOWN, "read a: input/output error");
      }
      call.send(new ProtoWriter().number(1, 2).number(3, id).bytes(4, content));
      call.send(new ProtoWriter().number(1, 2).number(3, id));
    }
  }

  /** A text is a file, a number a folder, a list a link. */
  private static ProtoWriter stat(String path, Object what) {
    ProtoWriter stat = new ProtoWriter().text(1, path);
    return switch (what) {
      case Integer i -> stat.number(2, Integer.toUnsignedLong(FOLDER | 0755));
      case List<?> to -> stat.number(2, LINK | 0777).text(7, String.valueOf(to.getFirst()));
      default ->
          stat.number(2, 0644).number(5, String.valueOf(what).length()).number(6, 1_000_000_007L);
    };
  }

  private Future<ProtoMessage> ask(RpcConnection client, String path, ProtoWriter request) {
    Map<String, List<String>> build = Map.of("buildkit-controlapi-buildid", List.of("ref"));
    return threads.submit(
        () -> {
          try (RpcStream call = client.open(path, build)) {
            return call.ask(request);
          }
        });
  }

  private static ProtoWriter request() {
    return new ProtoWriter().text(1, "ref").text(5, SESSION);
  }

  private static ProtoWriter named(String name) {
    return new ProtoWriter().text(1, "moby").map(2, Map.of("name", name));
  }

  private static ProtoWriter dockerfile(Map<String, String> options) {
    return new ProtoWriter().text(2, "dockerfile.v0").map(3, options);
  }

  /** Every message of a build's status until it ends. */
  private Future<List<ProtoMessage>> status(RpcConnection client) {
    return threads.submit(
        () -> {
          List<ProtoMessage> all = new ArrayList<>();
          try (RpcStream call = client.open(CONTROL + "Status", Map.of())) {
            call.send(new ProtoWriter().text(1, "ref"));
            call.endOfRequest();
            for (byte[] part = call.receive(); part != null; part = call.receive()) {
              all.add(ProtoMessage.parse(part));
            }
          }
          return all;
        });
  }

  @Test
  void aBuildHasItsFilesSecretsAndLoginsOfTheSession() throws Exception {
    folders.get("context").put("d", 1);
    folders.get("context").put("d/link", List.of("../a"));
    RpcConnection client = control();
    Future<List<ProtoMessage>> status = status(client);
    Future<ProtoMessage> solved =
        ask(client, CONTROL + "Solve", request().message(13, named("app:1,other")));
    session(); // it may come after
    ProtoMessage answer =
        ask(
                client,
                BRIDGE + "Solve",
                dockerfile(
                    Map.of(
                        "build-arg:V",
                        "1",
                        "label:l",
                        "m",
                        "add-hosts",
                        "h=1.2.3.4",
                        "no-cache",
                        "")))
            .get();
    assertThat(answer.message(3).message(3).text(1)).isEqualTo(ID);
    ask(client, BRIDGE + "Return", new ProtoWriter()).get();
    Map<String, String> told = solved.get().map(1);
    assertThat(told)
        .containsEntry("containerimage.digest", ID)
        .containsEntry("image.name", "docker.io/library/app:1,docker.io/library/other:latest");
    BuildSpec spec = built.getFirst();
    assertThat(spec.tags())
        .containsExactly("docker.io/library/app:1", "docker.io/library/other:latest");
    assertThat(spec.args()).isEqualTo(Map.of("V", "1"));
    assertThat(spec.labels()).isEqualTo(Map.of("l", "m"));
    assertThat(spec.steps().extraHosts()).containsExactly("h=1.2.3.4");
    assertThat(spec.cache().disabled()).isTrue();
    assertThat(seen)
        .containsEntry("Dockerfile", "FROM busybox\nRUN make\n")
        .containsEntry("a", "A")
        .containsEntry("d", "folder")
        .containsEntry("d/link", "-> ../a");
    assertThat(asked).contains("context  *.o", "token sesame", "userpass");
    assertThat(names(status.get())).contains("[2/2] RUN make", "exporting to image");
    assertThat(logs(status.get())).contains("made\n");
  }

  private static List<String> names(List<ProtoMessage> status) {
    return status.stream().flatMap(one -> one.messages(1).stream()).map(v -> v.text(3)).toList();
  }

  private static List<String> logs(List<ProtoMessage> status) {
    return status.stream().flatMap(one -> one.messages(3).stream()).map(v -> v.text(4)).toList();
  }

  @Test
  void aFailedStepIsToldWithItsLines() throws Exception {
    session();
    RpcConnection client = control();
    Future<List<ProtoMessage>> status = status(client);
    Future<ProtoMessage> solved = ask(client, CONTROL + "Solve", request());
    Future<ProtoMessage> bridge =
        ask(client, BRIDGE + "Solve", dockerfile(Map.of("target", "broken")));
    String text = "process \"/bin/sh -c make\" did not complete successfully: exit code: 9";
    assertThatThrownBy(bridge::get).hasRootCauseMessage(text);
    ask(client, BRIDGE + "Return", new ProtoWriter().message(2, new ProtoWriter().number(1, 2)))
        .get();
    assertThatThrownBy(solved::get).hasRootCauseMessage(text);
    assertThat(status.get())
        .flatExtracting(one -> one.messages(1))
        .extracting(vertex -> vertex.text(7))
        .contains(text);
  }

  @Test
  void aClientThatLeavesGivesItsBuildUp() throws Exception {
    session();
    RpcConnection client = control();
    Future<ProtoMessage> solved = ask(client, CONTROL + "Solve", request());
    Future<ProtoMessage> bridge =
        ask(client, BRIDGE + "Solve", dockerfile(Map.of("target", "long")));
    while (built.isEmpty()) {
      Thread.onSpinWait();
    }
    channels.getLast().close();
    assertThatThrownBy(solved::get).hasRootCauseInstanceOf(IOException.class);
    assertThatThrownBy(bridge::get).hasRootCauseInstanceOf(IOException.class);
    while (!isGivenUp) {
      Thread.onSpinWait();
    }
  }

  @Test
  void filesThatComeWrongFailTheBuild() throws Exception {
    session();
    RpcConnection client = control();
    for (String wrong : List.of("wrong id", "breaks off")) {
      fault = wrong;
      Future<ProtoMessage> solved = ask(client, CONTROL + "Solve", request());
      Future<ProtoMessage> bridge = ask(client, BRIDGE + "Solve", dockerfile(Map.of()));
      assertThatThrownBy(bridge::get).hasRootCauseInstanceOf(RpcFailure.class);
      ask(client, BRIDGE + "Return", new ProtoWriter()).get();
      assertThatThrownBy(solved::get).hasRootCauseInstanceOf(RpcFailure.class);
    }
    assertThat(built).isEmpty();
  }

  @Test
  void aResultIsTheContextOfAnotherBuild() throws Exception {
    session();
    RpcConnection client = control();
    Future<ProtoMessage> solved = ask(client, CONTROL + "Solve", request());
    ProtoMessage first = ask(client, BRIDGE + "Solve", dockerfile(Map.of())).get();
    byte[] definition = first.message(3).message(3).bytes(2);
    ProtoWriter input = new ProtoWriter().text(1, "0-lib").bytes(2, definition);
    ask(
            client,
            BRIDGE + "Solve",
            dockerfile(Map.of("context:base", "input:0-lib")).message(13, input))
        .get();
    assertThat(built.getLast().contexts()).isEqualTo(Map.of("base", "docker-image://" + ID));
    ask(client, BRIDGE + "Return", new ProtoWriter()).get();
    assertThat(solved.get().map(1)).containsEntry("containerimage.config.digest", ID);
  }

  @Test
  void whatIsNotCarriedOutIsRefusedByName() throws Exception {
    session();
    RpcConnection client = control();
    Future<ProtoMessage> _ = ask(client, CONTROL + "Solve", request());
    for (Map<String, String> options :
        List.of(
            Map.of("attest:sbom", ""),
            Map.of("platform", "linux/amd64,linux/arm64"),
            Map.of("requestid", "frontend.outline"),
            Map.of("hostname", "h"),
            Map.of("contextsubdir", "sub"),
            Map.of("context", "/etc"),
            Map.of("context:x", "/root"),
            Map.of("context:x", "archive:/other"),
            Map.of("source", "example.com/front:1"))) {
      Future<ProtoMessage> bridge = ask(client, BRIDGE + "Solve", dockerfile(options));
      assertThatThrownBy(bridge::get)
          .rootCause()
          .hasMessageMatching(".*(carried out|platform|no context of a client).*");
    }
    assertThatThrownBy(ask(client, CONTROL + "ListenBuildHistory", new ProtoWriter())::get)
        .rootCause()
        .hasMessage(CONTROL + "ListenBuildHistory is not carried out");
    assertThat(built).isEmpty();
  }

  @Test
  void aSecondBuildOfOneNameLeavesTheFirstAlone() throws Exception {
    session();
    RpcConnection client = control();
    Future<ProtoMessage> solved = ask(client, CONTROL + "Solve", request());
    ask(client, BRIDGE + "Solve", dockerfile(Map.of())).get();
    assertThatThrownBy(ask(client, CONTROL + "Solve", request())::get)
        .rootCause()
        .hasMessageContaining("ref exists");
    ask(client, BRIDGE + "Return", new ProtoWriter()).get();
    assertThat(solved.get().map(1)).containsEntry("containerimage.digest", ID);
  }

  @Test
  void aPathThatIsTooLongIsRefused() throws Exception {
    folders.get("context").put("x".repeat(5000), "long");
    session();
    RpcConnection client = control();
    Future<ProtoMessage> _ = ask(client, CONTROL + "Solve", request());
    Future<ProtoMessage> bridge = ask(client, BRIDGE + "Solve", dockerfile(Map.of()));
    assertThatThrownBy(bridge::get).rootCause().hasMessageContaining("too long");
  }

  @Test
  void anOutputsAttributesAreCarriedOutOrRefused() throws Exception {
    session();
    RpcConnection client = control();
    ProtoWriter output =
        new ProtoWriter()
            .text(1, "moby")
            .map(2, Map.of("name", "app", "rewrite-timestamp", "true"));
    Future<ProtoMessage> _ = ask(client, CONTROL + "Solve", request().message(13, output));
    assertThatThrownBy(ask(client, BRIDGE + "Solve", dockerfile(Map.of()))::get)
        .rootCause()
        .hasMessageContaining("rewrite-timestamp");
    assertThat(built).isEmpty();
  }

  @Test
  void workersAndCachesAreTold() throws Exception {
    docker.answers.put(
        "Builds.cache",
        arguments -> List.of(new Builds.CacheEntry("id1", "RUN make", 7, DockerFakes.NOW, true)));
    RpcConnection client = control();
    ProtoMessage worker = ask(client, CONTROL + "ListWorkers", new ProtoWriter()).get().message(1);
    assertThat(worker.message(3).text(2)).isEqualTo("linux");
    ProtoMessage use = ask(client, CONTROL + "DiskUsage", new ProtoWriter()).get().message(1);
    assertThat(use.text(1) + use.number(4) + use.text(9)).isEqualTo("id17RUN make");
  }

  @Test
  void otherConnectionsAreRefused() throws Exception {
    assertThat(docker.talk("POST /grpc HTTP/1.1\r\nConnection: close\r\n\r\n").status())
        .isEqualTo(400);
    assertThat(
            docker
                .talk("POST /session HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n")
                .body())
        .contains("X-Docker-Expose-Session-Uuid");
  }

  /** A folder that is written into a map. */
  private record Folder(Path path, Map<String, String> seen) implements SentFolder {
    @Override
    public void folder(Entry entry) {
      seen.put(entry.path(), "folder");
    }

    @Override
    public void link(Entry entry, String target) {
      seen.put(entry.path(), "-> " + target);
    }

    @Override
    public void hardLink(Entry entry, String target) {
      seen.put(entry.path(), "= " + target);
    }

    @Override
    public void pipe(Entry entry) {
      seen.put(entry.path(), "pipe");
    }

    @Override
    public boolean file(Entry entry, long size) {
      return false;
    }

    @Override
    public OutputStream content(Entry entry) {
      return new java.io.ByteArrayOutputStream() {
        @Override
        public void close() throws IOException {
          seen.put(entry.path(), text(toByteArray()));
          Files.write(path.resolve(entry.path()), toByteArray());
        }
      };
    }

    @Override
    public void finish() {}

    @Override
    public void close() {}
  }
}
