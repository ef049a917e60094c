package io.jcompose.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.core.ContainerSpec.MountSpec;
import io.jcompose.core.Contents.Archive;
import io.jcompose.core.JcomposeException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
class VolumesIT {
  private static EngineFixture host;

  @BeforeAll
  static void open() throws Exception {
    host = new EngineFixture();
  }

  @AfterEach
  void nothingIsLeft() {
    host.removeAll();
    EngineFixture.await("no rest, but there is " + host.left(), () -> host.left().isEmpty());
  }

  @AfterAll
  static void close() {
    host.close();
  }

  private TestSpec with(TestSpec spec, String volume, String target, String subpath) {
    spec.mounts.add(new MountSpec.Volume(volume, target, false, true, subpath));
    return spec;
  }

  /** One that writes a volume makes a subpath of it now a directory, now a link to the host's. */
  @Test
  void aSubpathIsNeverTheHostsWhateverAnotherContainerDoesToIt() throws Exception {
    Path secret = Files.createDirectories(host.root.resolve("secret"));
    Files.writeString(secret.resolve("HOST"), "");
    host.start(
        with(
            host.spec("evil")
                .sh(
                    "cd /v; mkdir sub; : >sub/mine; ln -s "
                        + secret
                        + " link; echo up; while :; do mv sub keep; mv link sub; mv sub link;"
                        + " mv keep sub; done"),
            "v",
            "/v",
            ""));
    EngineFixture.await("its links", () -> host.log("evil").contains("up"));
    String id = host.create(with(host.spec("good").sh("ls /t"), "v", "/t", "sub"));
    int shown = 0;
    for (int i = 0; i < 150; i++) {
      try {
        host.containers().start(id);
        host.containers().await(id);
        shown++;
      } catch (JcomposeException.NotFound | JcomposeException.InvalidArgument e) {
        assertThat(e).hasMessageContaining("subpath"); // it was a link just then
      }
      assertThat(archive(id)).doesNotContain("HOST");
    }
    assertThat(shown).as("starts that found a directory").isPositive();
    assertThat(host.log(id)).contains("mine").doesNotContain("HOST");
  }

  /**
   * The names in the target, as cp sees them while the container does not run; empty if refused.
   */
  private static String archive(String id) throws IOException {
    ByteArrayOutputStream tar = new ByteArrayOutputStream();
    try (Archive archive = host.engine().contents().open(id, "/t", false)) {
      archive.writeTo(tar);
    } catch (JcomposeException e) {
      assertThat(e).hasMessageContaining("subpath");
    }
    return tar.toString(StandardCharsets.ISO_8859_1);
  }
}
