package io.jcompose.scheduler.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.compose.LoadRequest;
import io.jcompose.compose.ProjectLoader;
import io.jcompose.scheduler.ProjectsFixture;
import io.jcompose.scheduler.UpOptions;
import io.jcompose.scheduler.desired.Translation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A recreation says which keys made it. */
@Timeout(60)
class ChangedKeysTest {
  private final Path folder;
  private final ProjectsFixture host;

  ChangedKeysTest(@TempDir Path dir) throws IOException {
    folder = Files.createDirectory(dir.resolve("shop"));
    host = new ProjectsFixture(Files.createDirectory(dir.resolve("projects")));
    host.open();
  }

  @AfterEach
  void close() {
    host.close();
  }

  private List<String> up(String service) throws IOException {
    return up(service, Map.of());
  }

  private List<String> up(String service, Map<String, String> environment) throws IOException {
    Files.writeString(folder.resolve("compose.yaml"), "services:\n  a: " + service + "\n");
    host.said.clear();
    Translation translation =
        Translation.of(new ProjectLoader().load(LoadRequest.of(folder, environment)));
    ProjectsFixture.up(host.projects(), translation, UpOptions.DEFAULT, host.progress);
    return host.said.stream().filter(line -> line.contains(" Recreate ")).toList();
  }

  @Test
  void namesWhatChanged() throws IOException {
    assertThat(up("{image: busybox, environment: {FOO: '1', GONE: x}}")).isEmpty();
    assertThat(up("{image: busybox, environment: {FOO: '2', NEW: y}, ports: ['80']}"))
        .containsExactly(
            "Container shop-a-1 Recreate environment.FOO, environment.GONE, environment.NEW,"
                + " ports changed");
    assertThat(up("{image: busybox, user: nobody, labels: {l: v}, volumes: ['/srv:/srv']}"))
        .containsExactly(
            "Container shop-a-1 Recreate environment.FOO, environment.NEW, user, labels.l, ports,"
                + " 1 more changed");
    assertThat(up("{image: busybox, user: nobody, labels: {l: v}, volumes: ['/srv:/srv']}"))
        .isEmpty();
  }

  @Test
  void contentIsConfiguration() throws IOException {
    String file =
        """
        {image: busybox, configs: [c], secrets: [s]}
        configs: {c: {content: "${CONTENT}"}}
        secrets: {s: {environment: SECRET}}
        """;
    assertThat(up(file, Map.of("CONTENT", "one", "SECRET", "1"))).isEmpty();
    assertThat(up(file, Map.of("CONTENT", "two", "SECRET", "1")))
        .containsExactly("Container shop-a-1 Recreate content of config c changed");
    assertThat(up(file, Map.of("CONTENT", "two", "SECRET", "2")))
        .containsExactly("Container shop-a-1 Recreate content of secret s changed");
    assertThat(up(file, Map.of("CONTENT", "two", "SECRET", "2"))).isEmpty();
  }

  @Test
  void saysSoWhereTheContainerDoesNotTell() throws IOException {
    assertThat(up("{image: busybox, x-note: one, annotations: {a: b}}")).isEmpty();
    assertThat(up("{image: busybox, annotations: {a: c}}"))
        .containsExactly("Container shop-a-1 Recreate configuration changed");
  }
}
