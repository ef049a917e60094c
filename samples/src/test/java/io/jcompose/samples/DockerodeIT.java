package io.jcompose.samples;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** dockerode, Node's library for Docker, over the engine's socket. */
class DockerodeIT {
  /** Where {@code scripts/install-needs clients} puts it. */
  private static final String MODULES =
      System.getenv().getOrDefault("XDG_CACHE_HOME", "/var/cache")
          + "/jcompose-clients/node_modules";

  @TempDir static Path root;
  private static ClientLibrary library;

  @BeforeAll
  static void open() throws Exception {
    library =
        ClientLibrary.require(
            root,
            "node and dockerode: scripts/install-needs clients",
            "NODE_PATH=" + MODULES + " node -e 'require(\"node:test\"); require(\"dockerode\")'");
  }

  @AfterAll
  static void leavesNothing() throws Exception {
    if (library != null) {
      library.close();
    }
  }

  @Test
  void whatPeopleDoWithItWorks() throws Exception {
    Path script = Path.of("src/test/resources/DockerodeIT/client.js").toAbsolutePath();
    library.run(
        "NODE_PATH=" + MODULES + " timeout 60 node --test --test-force-exit " + script + " >&2");
  }
}
