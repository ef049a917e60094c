package io.jcompose.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.compose.LoadRequest;
import io.jcompose.compose.ProjectLoader;
import io.jcompose.compose.model.Project;
import io.jcompose.core.Progress;
import io.jcompose.scheduler.desired.Desired;
import io.jcompose.scheduler.desired.OneOff;
import io.jcompose.scheduler.desired.Translation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * With {@code --compatibility} containers get names with underscores; the expectations are what
 * Docker Compose 2.40.3 did. Networks and volumes have the same names either way.
 */
@Timeout(60)
class UnderscoresTest {
  private static final Map<String, String> ON = Map.of("COMPOSE_COMPATIBILITY", "true");
  private static final UpOptions DEFAULT = UpOptions.DEFAULT;
  private static final UpOptions FORCED = UpOptions.DEFAULT.with().forceRecreate(true).build();

  @TempDir private Path folder;
  private ProjectsFixture host;

  @BeforeEach
  void open() throws IOException {
    host = new ProjectsFixture(folder.resolve("state"));
    host.open();
    file(1);
  }

  @AfterEach
  void close() {
    host.close();
  }

  private void file(int scale) throws IOException {
    Files.writeString(
        folder.resolve("compose.yaml"),
        "name: shop\n"
            + "services: {web: {image: busybox, scale: "
            + scale
            + ", volumes: ['data:/d']}}\n"
            + "volumes: {data: }\n");
  }

  private Project project(Map<String, String> environment) {
    return new ProjectLoader().load(LoadRequest.of(folder, environment));
  }

  private Set<String> names() {
    Set<String> names = new TreeSet<>();
    host.engine.byId.values().forEach(view -> names.add(view.name()));
    return names;
  }

  @Test
  void onlyContainersHaveOtherNames() {
    host.projects().up(project(ON), DEFAULT, Progress.NONE);
    assertThat(names()).containsExactly("shop_web_1");
    assertThat(host.engine.networks.values())
        .extracting(network -> network.name())
        .contains("shop_default");
    assertThat(host.engine.volumes).containsKey("shop_data");
    assertThat(host.engine.byId.values())
        .allSatisfy(
            view ->
                assertThat(view.spec().networking().endpoints().getFirst().aliases())
                    .containsExactly("shop_web_1", "web"));
  }

  @Test
  void whatIsThereKeepsItsNameUntilItIsMadeAnew() throws IOException {
    host.projects().up(project(ON), DEFAULT, Progress.NONE);
    String id = host.engine.find("shop_web_1").orElseThrow().id();
    file(2);
    host.projects().up(project(Map.of()), DEFAULT, Progress.NONE);
    assertThat(names()).containsExactly("shop-web-2", "shop_web_1");
    assertThat(host.engine.find("shop_web_1").orElseThrow().id()).isEqualTo(id);
    host.projects().up(project(ON), FORCED, Progress.NONE);
    assertThat(names()).containsExactly("shop_web_1", "shop_web_2");
    host.projects().up(project(Map.of()), FORCED, Progress.NONE);
    assertThat(names()).containsExactly("shop-web-1", "shop-web-2");
  }

  @Test
  void aOneOffHasThemToo() {
    Desired desired = Translation.of(project(ON)).desired();
    OneOff oneOff =
        new OneOff(desired, desired.services().get("web"), RunOptions.of("web", List.of()));
    assertThat(oneOff.spec("sha256:i").name()).matches("shop_web_run_[0-9a-f]{12}");
  }

  @Test
  void theVariableMayStandInTheEnvFile() throws IOException {
    Files.writeString(folder.resolve(".env"), "COMPOSE_COMPATIBILITY=1\n");
    assertThat(project(Map.of()).hasUnderscores()).isTrue();
    assertThat(project(Map.of("COMPOSE_COMPATIBILITY", "false")).hasUnderscores()).isFalse();
  }
}
