package io.jcompose.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.api.model.Bind;
import com.github.dockerjava.api.model.HealthCheck;
import com.github.dockerjava.api.model.HostConfig;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.Container.ExecResult;
import org.testcontainers.containers.ContainerLaunchException;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.containers.output.OutputFrame;
import org.testcontainers.containers.output.ToStringConsumer;
import org.testcontainers.containers.startupcheck.OneShotStartupCheckStrategy;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.images.builder.ImageFromDockerfile;
import org.testcontainers.images.builder.Transferable;
import org.testcontainers.utility.MountableFile;

/**
 * What people do with Testcontainers, on the engine that {@code DOCKER_HOST} names; {@link
 * TestcontainersIT} runs it. Some containers are left to the reaper.
 */
@Timeout(60)
class DrivenByTestcontainers {
  private static final String SERVER =
      "echo page >/index.html; sleep 0.2; echo ready to serve; exec httpd -f -p 8080 -h /";

  @TempDir Path folder;

  private static GenericContainer<?> busybox(String script) {
    return new GenericContainer<>("busybox")
        .withCommand("sh", "-c", script)
        .withCreateContainerCmdModifier(
            command -> command.withStopSignal("SIGKILL")); // the shell passes over others
  }

  private static HostConfig host(CreateContainerCmd create) {
    return Objects.requireNonNull(create.getHostConfig());
  }

  private static String page(GenericContainer<?> server) throws Exception {
    URI address =
        URI.create("http://" + server.getHost() + ":" + server.getMappedPort(8080) + "/index.html");
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(HttpRequest.newBuilder(address).build(), BodyHandlers.ofString()).body();
    }
  }

  @Test
  void eachStrategyWaits() throws Exception {
    try (GenericContainer<?> port = busybox(SERVER).withExposedPorts(8080);
        GenericContainer<?> log =
            busybox(SERVER)
                .withExposedPorts(8080)
                .waitingFor(Wait.forLogMessage(".*ready to serve.*", 1));
        GenericContainer<?> http =
            busybox(SERVER)
                .withExposedPorts(8080)
                .waitingFor(Wait.forHttp("/index.html").forStatusCode(200));
        GenericContainer<?> command =
            busybox(SERVER).waitingFor(Wait.forSuccessfulCommand("test -e /index.html"));
        GenericContainer<?> health =
            new GenericContainer<>(
                    new ImageFromDockerfile()
                        .withDockerfileFromBuilder(
                            builder ->
                                builder
                                    .from("busybox")
                                    .cmd("sh", "-c", "sleep 0.2; touch /well; exec sleep 1000")
                                    .build())
                        .withFileFromString("unused", ""))
                .withCreateContainerCmdModifier(
                    create ->
                        create
                            .withStopSignal("SIGKILL")
                            .withHealthcheck(
                                new HealthCheck()
                                    .withTest(List.of("CMD", "test", "-e", "/well"))
                                    .withInterval(100_000_000L)))
                .waitingFor(Wait.forHealthcheck())) {
      for (GenericContainer<?> each : List.of(port, log, http, command, health)) {
        each.start();
        assertThat(each.isRunning()).isTrue();
      }
      assertThat(page(port)).isEqualTo("page\n");
      assertThat(page(log)).isEqualTo("page\n");
      assertThat(log.getLogs(OutputFrame.OutputType.STDOUT)).isEqualTo("ready to serve\n");
      assertThat(health.isHealthy()).isTrue();
    }
  }

  @Test
  void whatDoesNotComeUpIsAnErrorWithItsLog() {
    try (GenericContainer<?> ends = busybox("echo why >&2; exit 3").withExposedPorts(8080)) {
      assertThatThrownBy(ends::start).isInstanceOf(ContainerLaunchException.class);
    }
    try (GenericContainer<?> never =
        busybox("sleep 1000")
            .waitingFor(Wait.forLogMessage("never", 1))
            .withStartupTimeout(Duration.ofSeconds(1))) {
      assertThatThrownBy(never::start).isInstanceOf(ContainerLaunchException.class);
    }
    try (GenericContainer<?> none = new GenericContainer<>("127.0.0.1:5000/nosuch:1")) {
      assertThatThrownBy(none::start).hasStackTraceContaining("manifest unknown");
    }
  }

  @Test
  void aProgramThatEndsIsAwaited() {
    ToStringConsumer words = new ToStringConsumer();
    try (GenericContainer<?> once =
        busybox("echo once")
            .withLogConsumer(words)
            .withStartupCheckStrategy(new OneShotStartupCheckStrategy())) {
      once.start();
      assertThat(once.getLogs()).isEqualTo("once\n");
      assertThat(words.toUtf8String()).isEqualTo("once\n");
    }
  }

  @Test
  void filesGoInAndOutAndProgramsRun() throws Exception {
    Path file = Files.writeString(folder.resolve("file"), "of the host");
    Path below = Files.createDirectories(folder.resolve("tree/deep"));
    Files.writeString(below.resolve("leaf"), "leaf");
    List<String> lines = new CopyOnWriteArrayList<>();
    try (GenericContainer<?> container =
        busybox("cat /before; echo; exec sleep 1000")
            .withCopyToContainer(Transferable.of("before the start"), "/before")
            .withCopyFileToContainer(MountableFile.forHostPath(file), "/in/file")
            .withCopyFileToContainer(MountableFile.forHostPath(folder.resolve("tree")), "/tree")
            .withCreateContainerCmdModifier(
                create -> host(create).withBinds(Bind.parse(folder + ":/bound")))
            .withEnv("A", "b")
            .withTmpFs(Map.of("/scratch", "size=1m"))
            .withLogConsumer(frame -> lines.add(frame.getUtf8String()))
            .waitingFor(Wait.forLogMessage("before the start\\n", 1))) {
      container.start();
      assertThat(lines).containsExactly("before the start\n");
      ExecResult result =
          container.execInContainer(
              "sh", "-c", "cat /in/file /tree/deep/leaf; echo $A >&2; exit 4");
      assertThat(result.getStdout()).isEqualTo("of the hostleaf");
      assertThat(result.getStderr()).isEqualTo("b\n");
      assertThat(result.getExitCode()).isEqualTo(4);
      container.copyFileToContainer(Transferable.of("later", 0755), "/later");
      assertThat(container.execInContainer("stat", "-c", "%a", "/later").getStdout())
          .isEqualTo("755\n");
      container.copyFileFromContainer("/later", folder.resolve("back").toString());
      assertThat(folder.resolve("back")).hasContent("later");
      String read =
          container.copyFileFromContainer(
              "/bound/file", stream -> new String(stream.readAllBytes(), StandardCharsets.UTF_8));
      assertThat(read).isEqualTo("of the host");
    }
  }

  @Test
  void networksHaveAliases() throws Exception {
    try (Network network = Network.newNetwork();
        GenericContainer<?> server =
            busybox(SERVER)
                .withNetwork(network)
                .withNetworkAliases("found")
                .waitingFor(Wait.forLogMessage(".*ready.*", 1));
        GenericContainer<?> reader = busybox("sleep 1000").withNetwork(network)) {
      server.start();
      reader.start();
      String script = "until wget -qO- http://found:8080 2>/dev/null; do sleep 0.05; done";
      assertThat(reader.execInContainer("sh", "-c", script).getStdout()).isEqualTo("page\n");
    }
  }

  @Test
  void imagesAreBuiltOfFiles() throws IOException, InterruptedException {
    ImageFromDockerfile image =
        new ImageFromDockerfile()
            .withFileFromString(
                "Dockerfile",
                "FROM busybox\nARG WHO\nRUN <<A\necho for $WHO >/made\nA\nCOPY in/ /in/\n")
            .withFileFromString("in/a", "text")
            .withBuildArg("WHO", "tests");
    try (GenericContainer<?> built =
        new GenericContainer<>(image)
            .withCommand("sleep", "1000")
            .withCreateContainerCmdModifier(command -> command.withStopSignal("SIGKILL"))) {
      built.start();
      assertThat(built.execInContainer("cat", "/made", "/in/a").getStdout())
          .isEqualTo("for tests\ntext");
    }
  }

  /** The first use starts one; a later one, in another JVM, has it again. */
  @Test
  void oneIsKeptForReuse() throws Exception {
    @SuppressWarnings("resource")
    GenericContainer<?> kept =
        new GenericContainer<>("busybox")
            .withCommand("sleep", "100000")
            .withLabel("kept", "for-reuse")
            .withReuse(true);
    kept.start();
    boolean again = kept.execInContainer("test", "-e", "/used").getExitCode() == 0;
    kept.execInContainer("touch", "/used");
    System.out.println("reused: " + (again ? "again" : "new"));
  }

  /** Nobody closes these. */
  @Test
  void theRestIsLeftToTheReaper() {
    @SuppressWarnings("resource")
    GenericContainer<?> left = busybox("sleep 100000").withNetwork(Network.newNetwork());
    left.start();
    assertThat(
            DockerClientFactory.lazyClient().listContainersCmd().exec().stream()
                .anyMatch(one -> one.getNames()[0].startsWith("/testcontainers-ryuk-")))
        .isTrue();
  }
}
