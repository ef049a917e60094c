package io.jcompose.samples;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** docker-py, Python's library for Docker, over the engine's socket. */
class DockerPyIT {
  @TempDir static Path root;
  private static ClientLibrary library;

  @BeforeAll
  static void open() throws Exception {
    library =
        ClientLibrary.require(
            root,
            "docker-py for /usr/bin/python3: apt-get install python3-docker",
            "/usr/bin/python3 -c 'import docker'");
  }

  @AfterAll
  static void leavesNothing() throws Exception {
    if (library != null) {
      library.close();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"Containers", "Execs", "Images", "Networks", "Volumes", "System"})
  void whatPeopleDoWithItWorks(String tests) throws Exception {
    Path script = Path.of("src/test/resources/DockerPyIT/client.py").toAbsolutePath();
    library.run("/usr/bin/python3 -W ignore " + script + " " + tests);
  }
}
