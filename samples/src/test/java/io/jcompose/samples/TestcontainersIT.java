package io.jcompose.samples;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Testcontainers on the engine's socket: {@link DrivenByTestcontainers} in a JVM of its own, whose
 * end the reaper awaits. The reaper is a stand-in: Ryuk's own image is not reachable where this
 * runs, so a small program that speaks Ryuk's protocol has its name. What is tested is the engine's
 * part: the mounted socket, published ports, and removal by labels.
 */
class TestcontainersIT {
  private static final Path RESOURCES =
      Path.of("src/test/resources/TestcontainersIT").toAbsolutePath();

  @TempDir static Path root;
  private static ClientLibrary library;

  @BeforeAll
  static void open() throws Exception {
    library = ClientLibrary.open(root);
    for (String image : List.of("ryuk", "socat")) {
      library.run(
          "$J image build -q -t testcontainers/%s:stand-in %s/%s"
              .formatted(image, RESOURCES, image));
    }
    // Where this machine's own settings are neither read nor written.
    Files.writeString(
        library.folder().resolve(".testcontainers.properties"), "testcontainers.reuse.enable=true");
  }

  @AfterAll
  static void leavesNothing() throws Exception {
    if (library != null) {
      library.close();
    }
  }

  /** Its tests in another JVM; what they wrote. */
  private static String used(Class<?> tests, String before) throws Exception {
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    return library.run(
        """
        export TESTCONTAINERS_RYUK_CONTAINER_IMAGE=testcontainers/ryuk:stand-in
        export TESTCONTAINERS_SOCAT_CONTAINER_IMAGE=testcontainers/socat:stand-in
        export TESTCONTAINERS_TINYIMAGE_CONTAINER_IMAGE=busybox TESTCONTAINERS_CHECKS_DISABLE=true
        export TESTCONTAINERS_HOST_OVERRIDE=localhost
        export STACK=%s
        %s
        '%s' -Duser.home=$PWD -Xshare:auto -XX:TieredStopAtLevel=1 -XX:+UseSerialGC --enable-native-access=ALL-UNNAMED \
            --sun-misc-unsafe-memory-access=allow -Dorg.slf4j.simpleLogger.defaultLogLevel=warn \
            -cp '%s' %s %s
        """
            .formatted(
                RESOURCES.resolve("stack/compose.yaml"),
                before,
                java,
                System.getProperty("java.class.path"),
                TestLauncher.class.getName(),
                tests.getName()));
  }

  /** Waits for the reaper: how many containers are left, of these for another use; what else. */
  private static String left() throws Exception {
    return library.run(
        """
        timeout 20 sh -c 'while "$J" container ls -aq -f name=testcontainers-ryuk | grep -q .; do sleep 0.1; done'
        $J container ls -aq | wc -l
        $J container ls -q -f label=kept=for-reuse | wc -l
        $J network ls -q -f label=org.testcontainers=true; $J volume ls -q
        """);
  }

  @Test
  void containersNetworksAndImagesAreUsedAndReaped() throws Exception {
    String first = used(DrivenByTestcontainers.class, "");
    assertThat(first).contains("reused: new");
    assertThat(left()).isEqualTo("1\n1\n");
    String second = used(DrivenByTestcontainers.class, "");
    assertThat(second).contains("reused: again");
    assertThat(left()).isEqualTo("1\n1\n");
    library.run("$J docker rm -fv $($J docker ps -q -f label=kept=for-reuse)");
  }

  @Test
  void aStackOfComposeIsUsedAndReaped() throws Exception {
    RealDocker docker = RealDocker.on(library.stage(), root);
    docker.requirePlugin("compose");
    Path programs = Files.createDirectory(root.resolve("programs"));
    Files.createSymbolicLink(programs.resolve("docker"), docker.program());
    used(
        StackByTestcontainers.class,
        "export DOCKER_CONFIG=" + docker.config() + " PATH=" + programs + ":$PATH");
    assertThat(left()).isEqualTo("0\n0\n");
  }
}
