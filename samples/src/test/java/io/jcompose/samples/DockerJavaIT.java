package io.jcompose.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.command.BuildImageResultCallback;
import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.api.command.WaitContainerResultCallback;
import com.github.dockerjava.api.exception.ConflictException;
import com.github.dockerjava.api.exception.DockerClientException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.exception.NotModifiedException;
import com.github.dockerjava.api.model.Bind;
import com.github.dockerjava.api.model.BuildResponseItem;
import com.github.dockerjava.api.model.Container;
import com.github.dockerjava.api.model.Event;
import com.github.dockerjava.api.model.ExposedPort;
import com.github.dockerjava.api.model.Frame;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.Network;
import com.github.dockerjava.api.model.PortBinding;
import com.github.dockerjava.api.model.PruneType;
import com.github.dockerjava.api.model.Statistics;
import com.github.dockerjava.api.model.StreamType;
import com.github.dockerjava.api.model.Volume;
import com.github.dockerjava.core.DefaultDockerClientConfig;
import com.github.dockerjava.core.DockerClientImpl;
import com.github.dockerjava.httpclient5.ApacheDockerHttpClient;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** docker-java with its transport of Apache's HTTP client, over the engine's socket. */
@Timeout(60)
class DockerJavaIT {
  private static final String IDLE = "trap 'exit 0' TERM; while :; do sleep 0.05; done";

  @TempDir static Path root;
  private static ClientLibrary library;
  private static DockerClient docker;
  private final List<String> made = new ArrayList<>();

  @BeforeAll
  static void open() throws Exception {
    library = ClientLibrary.open(root);
    DefaultDockerClientConfig config =
        DefaultDockerClientConfig.createDefaultConfigBuilder()
            .withDockerHost(library.address())
            .withDockerTlsVerify(false)
            .build();
    docker =
        DockerClientImpl.getInstance(
            config,
            new ApacheDockerHttpClient.Builder()
                .dockerHost(config.getDockerHost())
                .maxConnections(20)
                .build());
  }

  @AfterAll
  static void leavesNothing() throws Exception {
    if (docker != null) {
      docker.close();
    }
    if (library != null) {
      library.close();
    }
  }

  @AfterEach
  void removeContainers() {
    for (String id : made) {
      docker.removeContainerCmd(id).withForce(true).withRemoveVolumes(true).exec();
    }
  }

  /** Made, and removed after the test. */
  private String created(String script) {
    String id = docker.createContainerCmd("busybox").withCmd("sh", "-c", script).exec().getId();
    made.add(id);
    return id;
  }

  private String started(String script) {
    String id = created(script);
    docker.startContainerCmd(id).exec();
    return id;
  }

  /** Frames as {@code STDOUT: text} each, and their end. */
  private static final class Frames extends ResultCallback.Adapter<Frame> {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @Override
    public void onNext(Frame frame) {
      (frame.getStreamType() == StreamType.STDERR ? err : out).writeBytes(frame.getPayload());
    }

    String out() {
      return out.toString(StandardCharsets.UTF_8);
    }

    String err() {
      return err.toString(StandardCharsets.UTF_8);
    }
  }

  private static int ended(String id) {
    return docker
        .waitContainerCmd(id)
        .exec(new WaitContainerResultCallback())
        .awaitStatusCode(20, TimeUnit.SECONDS);
  }

  private static byte[] tar(Map<String, String> files) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
      for (Map.Entry<String, String> file : files.entrySet()) {
        byte[] content = file.getValue().getBytes(StandardCharsets.UTF_8);
        TarArchiveEntry entry = new TarArchiveEntry(file.getKey());
        entry.setSize(content.length);
        tar.putArchiveEntry(entry);
        tar.write(content);
        tar.closeArchiveEntry();
      }
    }
    return bytes.toByteArray();
  }

  @Test
  void attachTakesInput() throws Exception {
    String id =
        docker
            .createContainerCmd("busybox")
            .withCmd("sh", "-c", "read -r line; echo $line; echo ended >&2")
            .withStdinOpen(true)
            .withStdInOnce(true)
            .exec()
            .getId();
    made.add(id);
    PipedOutputStream typed = new PipedOutputStream();
    try (Frames frames =
        docker
            .attachContainerCmd(id)
            .withStdIn(new PipedInputStream(typed))
            .withStdOut(true)
            .withStdErr(true)
            .withFollowStream(true)
            .exec(new Frames())) {
      frames.awaitStarted(10, TimeUnit.SECONDS);
      docker.startContainerCmd(id).exec();
      typed.write("typed\n".getBytes(StandardCharsets.UTF_8));
      assertThat(frames.awaitCompletion(20, TimeUnit.SECONDS)).isTrue();
      assertThat(frames.out()).isEqualTo("typed\n");
      assertThat(frames.err()).isEqualTo("ended\n");
    }
    assertThat(ended(id)).isZero();
  }

  @Test
  void execKeepsBothStreamsApartAndTakesInput() throws Exception {
    String id = started(IDLE);
    String exec =
        docker
            .execCreateCmd(id)
            .withCmd("sh", "-c", "read -r line; echo $line; echo err >&2; echo $A$PWD; exit 5")
            .withAttachStdin(true)
            .withAttachStdout(true)
            .withAttachStderr(true)
            .withEnv(List.of("A=b"))
            .withWorkingDir("/tmp")
            .exec()
            .getId();
    Frames frames = new Frames();
    InputStream input = new ByteArrayInputStream("typed\n".getBytes(StandardCharsets.UTF_8));
    docker.execStartCmd(exec).withStdIn(input).exec(frames);
    assertThat(frames.awaitCompletion(20, TimeUnit.SECONDS)).isTrue();
    assertThat(frames.out()).isEqualTo("typed\nb/tmp\n");
    assertThat(frames.err()).isEqualTo("err\n");
    assertThat(docker.inspectExecCmd(exec).exec().getExitCodeLong()).isEqualTo(5);
    assertThat(docker.inspectExecCmd(exec).exec().isRunning()).isFalse();
    assertThatThrownBy(() -> docker.inspectExecCmd("nosuch").exec())
        .isInstanceOf(NotFoundException.class)
        .hasMessageContaining("No such exec instance: nosuch");
  }

  @Test
  void logsAreFollowedToTheirEnd() throws Exception {
    String id = started("for i in 1 2 3; do echo $i; sleep 0.1; done; echo err >&2");
    Frames frames = new Frames();
    docker
        .logContainerCmd(id)
        .withStdOut(true)
        .withStdErr(true)
        .withFollowStream(true)
        .withTailAll()
        .exec(frames);
    assertThat(frames.awaitCompletion(20, TimeUnit.SECONDS)).isTrue();
    assertThat(frames.out()).isEqualTo("1\n2\n3\n");
    assertThat(frames.err()).isEqualTo("err\n");
    Frames last = new Frames();
    docker.logContainerCmd(id).withStdOut(true).withTail(2).withTimestamps(true).exec(last);
    assertThat(last.awaitCompletion(20, TimeUnit.SECONDS)).isTrue();
    assertThat(last.out()).matches("\\d{4}-\\S+Z 3\n");
  }

  @Test
  void eventsAndStatisticsComeAsTheyHappen() throws Exception {
    List<String> actions = new CopyOnWriteArrayList<>();
    CountDownLatch destroyed = new CountDownLatch(1);
    try (ResultCallback.Adapter<Event> events =
        new Each<>(
            (Event event) -> {
              actions.add(event.getAction());
              if ("destroy".equals(event.getAction())) {
                destroyed.countDown();
              }
            })) {
      docker.eventsCmd().withLabelFilter("java=events").exec(events);
      events.awaitStarted(10, TimeUnit.SECONDS);
      String id =
          docker
              .createContainerCmd("busybox")
              .withCmd("sleep", "1000")
              .withLabels(Map.of("java", "events"))
              .exec()
              .getId();
      docker.startContainerCmd(id).exec();
      CountDownLatch two = new CountDownLatch(2);
      List<Statistics> numbers = new CopyOnWriteArrayList<>();
      try (ResultCallback.Adapter<Statistics> statistics =
          new Each<>(
              (Statistics one) -> {
                numbers.add(one);
                two.countDown();
              })) {
        docker.statsCmd(id).exec(statistics);
        assertThat(two.await(20, TimeUnit.SECONDS)).isTrue();
      }
      assertThat(numbers.getFirst().getMemoryStats().getUsage()).isPositive();
      assertThat(numbers.getFirst().getNetworks()).containsKey("eth0");
      docker.removeContainerCmd(id).withForce(true).exec();
      assertThat(destroyed.await(20, TimeUnit.SECONDS)).isTrue();
    }
    assertThat(actions).containsSubsequence("create", "start", "die", "destroy");
  }

  /** Hands each on. */
  private static final class Each<T> extends ResultCallback.Adapter<T> {
    private final Consumer<T> taker;

    Each(Consumer<T> taker) {
      this.taker = taker;
    }

    @Override
    public void onNext(T item) {
      taker.accept(item);
    }
  }

  @Test
  void aTarIsBuilt() throws Exception {
    Map<String, String> files =
        Map.of(
            "Dockerfile",
            """
            FROM busybox
            ARG WHO
            COPY <<FILE /hello
            hello $WHO
            FILE
            RUN --mount=type=cache,target=/cache cat /hello >/all && echo done
            CMD ["cat", "/all"]
            """);
    List<String> progress = new CopyOnWriteArrayList<>();
    String id =
        docker
            .buildImageCmd(new ByteArrayInputStream(tar(files)))
            .withTags(java.util.Set.of("java:built"))
            .withBuildArg("WHO", "java")
            .withLabels(Map.of("a", "b"))
            .exec(
                new BuildImageResultCallback() {
                  @Override
                  public void onNext(BuildResponseItem item) {
                    progress.add(String.valueOf(item.getStream()));
                    super.onNext(item);
                  }
                })
            .awaitImageId();
    assertThat(String.join("", progress)).contains("Successfully tagged java:built");
    assertThat(docker.inspectImageCmd("java:built").exec().getId()).contains(id);
    assertThat(docker.inspectImageCmd("java:built").exec().getConfig().getLabels())
        .isEqualTo(Map.of("a", "b"));
    String container = docker.createContainerCmd("java:built").exec().getId();
    docker.startContainerCmd(container).exec();
    assertThat(ended(container)).isZero();
    Frames frames = new Frames();
    docker.logContainerCmd(container).withStdOut(true).exec(frames).awaitCompletion();
    assertThat(frames.out()).isEqualTo("hello java\n");
    docker.removeContainerCmd(container).exec();
    docker.removeImageCmd("java:built").exec();
    byte[] wrong = tar(Map.of("Dockerfile", "FROM busybox\nRUN exit 4\n"));
    assertThatThrownBy(
            () ->
                docker
                    .buildImageCmd(new ByteArrayInputStream(wrong))
                    .exec(new BuildImageResultCallback())
                    .awaitImageId())
        .isInstanceOf(DockerClientException.class)
        .hasMessageContaining("exit code: 4");
  }

  @Test
  void filesAreCopied() throws Exception {
    String id = started(IDLE);
    docker
        .copyArchiveToContainerCmd(id)
        .withTarInputStream(new ByteArrayInputStream(tar(Map.of("a/b", "text"))))
        .withRemotePath("/tmp")
        .exec();
    Path file = Files.writeString(root.resolve("copied"), "a file");
    docker
        .copyArchiveToContainerCmd(id)
        .withHostResource(file.toString())
        .withRemotePath("/tmp/a")
        .exec();
    List<String> found = new ArrayList<>();
    try (InputStream archive = docker.copyArchiveFromContainerCmd(id, "/tmp/a").exec();
        TarArchiveInputStream tar = new TarArchiveInputStream(archive)) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        String text = new String(tar.readAllBytes(), StandardCharsets.UTF_8);
        found.add(entry.getName() + " " + text);
      }
    }
    assertThat(found).containsExactlyInAnyOrder("a/ ", "a/b text", "a/copied a file");
    assertThatThrownBy(() -> docker.copyArchiveFromContainerCmd(id, "/nosuch").exec())
        .isInstanceOf(NotFoundException.class)
        .hasMessageContaining("Could not find the file /nosuch");
  }

  @Test
  void aContainerIsWhatWasAskedFor() throws Exception {
    ExposedPort port = ExposedPort.tcp(80);
    String network =
        docker.createNetworkCmd().withName("java-net").withDriver("bridge").exec().getId();
    docker.createVolumeCmd().withName("java-volume").withLabels(Map.of("k", "v")).exec();
    String id =
        docker
            .createContainerCmd("busybox")
            .withName("java-all")
            .withCmd("sh", "-c", IDLE)
            .withEnv("A=b")
            .withExposedPorts(port)
            .withAliases("aliased")
            .withHostConfig(
                HostConfig.newHostConfig()
                    .withPortBindings(PortBinding.parse("127.0.0.1::80"))
                    .withBinds(new Bind("java-volume", new Volume("/data")))
                    .withMemory(64L << 20)
                    .withNetworkMode("java-net"))
            .exec()
            .getId();
    docker.startContainerCmd(id).exec();
    assertThatThrownBy(() -> docker.startContainerCmd(id).exec())
        .isInstanceOf(NotModifiedException.class);
    InspectContainerResponse shown = docker.inspectContainerCmd("java-all").exec();
    assertThat(shown.getState().getRunning()).isTrue();
    assertThat(shown.getConfig().getEnv()).contains("A=b");
    assertThat(shown.getHostConfig().getMemory()).isEqualTo(64L << 20);
    assertThat(shown.getMounts().getFirst().getName()).isEqualTo("java-volume");
    assertThat(shown.getNetworkSettings().getNetworks().get("java-net").getAliases())
        .contains("aliased");
    assertThat(shown.getNetworkSettings().getPorts().getBindings().get(port)[0].getHostIp())
        .isEqualTo("127.0.0.1");
    assertThat(
            docker.listContainersCmd().withNetworkFilter(List.of("java-net")).exec().stream()
                .map(Container::getId))
        .containsExactly(id);
    assertThat(docker.topContainerCmd(id).exec().getTitles()).contains("PID");
    Network.ContainerNetworkConfig joined =
        docker.inspectNetworkCmd().withNetworkId(network).exec().getContainers().get(id);
    assertThat(joined.getIpv4Address()).contains("/");
    docker.pauseContainerCmd(id).exec();
    docker.unpauseContainerCmd(id).exec();
    docker.restartContainerCmd(id).withTimeout(5).exec();
    docker.updateContainerCmd(id).withMemory(80L << 20).withMemorySwap(80L << 20).exec();
    docker.renameContainerCmd(id).withName("java-other").exec();
    docker.stopContainerCmd(id).withTimeout(5).exec();
    assertThat(ended(id)).isZero();
    assertThatThrownBy(() -> docker.killContainerCmd(id).exec())
        .isInstanceOf(ConflictException.class)
        .hasMessageContaining("is not running");
    docker.removeContainerCmd(id).exec();
    assertThatThrownBy(() -> docker.inspectContainerCmd(id).exec())
        .isInstanceOf(NotFoundException.class)
        .hasMessageContaining("No such container: " + id);
    docker.removeNetworkCmd(network).exec();
    assertThat(docker.listVolumesCmd().exec().getVolumes()).hasSize(1);
    docker.removeVolumeCmd("java-volume").exec();
  }

  @Test
  void imagesAreMoved() throws Exception {
    String name = "127.0.0.1:5000/java";
    docker.pullImageCmd("busybox").withTag("latest").start().awaitCompletion();
    docker.tagImageCmd("busybox", name, "1").exec();
    docker.pushImageCmd(name).withTag("1").start().awaitCompletion();
    byte[] saved = docker.saveImageCmd(name + ":1").exec().readAllBytes();
    docker.removeImageCmd(name + ":1").exec();
    docker.loadImageCmd(new ByteArrayInputStream(saved)).exec();
    assertThat(
            docker
                .listImagesCmd()
                .withFilter("reference", List.of(name))
                .exec()
                .getFirst()
                .getRepoTags())
        .contains(name + ":1");
    docker.removeImageCmd(name + ":1").exec();
    docker.pullImageCmd(name).withTag("1").start().awaitCompletion();
    docker.removeImageCmd(name + ":1").exec();
    assertThatThrownBy(
            () -> docker.pullImageCmd(name + "no").withTag("1").start().awaitCompletion())
        .isInstanceOf(NotFoundException.class)
        .hasMessageContaining("manifest unknown");
    assertThatThrownBy(() -> docker.createContainerCmd("nosuch").exec())
        .isInstanceOf(NotFoundException.class)
        .hasMessageContaining("No such image: nosuch:latest");
  }

  @Test
  void theEngineTellsOfItself() throws Exception {
    docker.pingCmd().exec();
    assertThat(docker.versionCmd().exec().getOperatingSystem()).isEqualTo("linux");
    assertThat(docker.infoCmd().exec().getOsType()).isEqualTo("linux");
    assertThat(docker.pruneCmd(PruneType.CONTAINERS).exec().getSpaceReclaimed()).isNotNull();
    assertThat(docker.pruneCmd(PruneType.BUILD).exec().getSpaceReclaimed()).isNotNull();
    assertThatThrownBy(() -> docker.listServicesCmd().exec())
        .hasMessageContaining("This node is not a swarm manager");
  }
}
