package io.jcompose.scheduler.desired;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.compose.LoadRequest;
import io.jcompose.compose.ProjectLoader;
import io.jcompose.compose.ShortForm;
import io.jcompose.compose.model.MountConfig;
import io.jcompose.compose.model.PortConfig;
import io.jcompose.core.ContainerSpec;
import io.jcompose.core.ContainerSpec.MountSpec;
import io.jcompose.core.Networking.PortSpec;
import io.jcompose.scheduler.RunOptions;
import io.jcompose.scheduler.Sketch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OneOffTest {
  @TempDir Path folder;
  private Desired desired = new Sketch().translation().desired();

  @BeforeEach
  void load() throws IOException {
    Files.writeString(
        folder.resolve("compose.yaml"),
        """
        name: shop
        services: {web: {image: busybox, volumes: ["data:/d"], ports: ["80:80"]}}
        volumes: {data: , named: {name: my_real_name}, unused: }
        """);
    LoadRequest request = LoadRequest.of(folder, Map.of());
    LoadRequest all =
        LoadRequest.of(folder, Map.of())
            .with()
            .services(request.services())
            .options(LoadRequest.Options.ALL_RESOURCES)
            .build();
    desired = Translation.of(new ProjectLoader().load(all)).desired();
  }

  private RunOptions options(List<String> volumes, List<String> ports) {
    List<MountConfig> mounts =
        volumes.stream()
            .map(text -> ShortForm.mount("--volume", text, Path.of("/here"), "/home/me"))
            .toList();
    List<PortConfig> published =
        ports.stream().flatMap(text -> ShortForm.ports("--publish", text).stream()).toList();
    return RunOptions.of("web", List.of()).with(mounts, published);
  }

  private ContainerSpec spec(RunOptions options) {
    Desired.Service service = desired.services(List.of("web")).getFirst();
    return new OneOff(desired, service, options).spec("sha256:i");
  }

  private Stream<MountSpec> mounts(String... volumes) {
    return spec(options(List.of(volumes), List.of())).mounts().stream().skip(1);
  }

  @Test
  void aNamedVolumeIsTheProjects() {
    assertThat(mounts("data:/x", "named:/y:ro", "unused:/z", "foreign:/f:nocopy", "/anonymous"))
        .containsExactly(
            new MountSpec.Volume("shop_data", "/x", false, false, ""),
            new MountSpec.Volume("my_real_name", "/y", true, false, ""),
            new MountSpec.Volume("shop_unused", "/z", false, false, ""),
            new MountSpec.Volume("foreign", "/f", false, true, ""),
            new MountSpec.Volume("", "/anonymous", false, false, ""));
  }

  @Test
  void aVolumeThatNoServiceUsesIsMadeWithTheProjectsLabels() {
    RunOptions options = options(List.of("unused:/z", "foreign:/f"), List.of());
    Desired wider = desired.withVolumes("web", options.namedVolumes());
    assertThat(wider.services(List.of("web")).getFirst().volumes())
        .containsExactly("data", "unused");
  }

  @Test
  void aPathIsAFolderFromWhereTheCommandIsGiven() {
    assertThat(mounts("./sub:/x", "~/y:/y:ro,rshared", "/abs:/z:Z", "..:/up"))
        .containsExactly(
            new MountSpec.Bind(Path.of("/here/sub"), "/x", false, true, true, "", ""),
            new MountSpec.Bind(Path.of("/home/me/y"), "/y", true, true, true, "rshared", ""),
            new MountSpec.Bind(Path.of("/abs"), "/z", false, true, true, "", "Z"),
            new MountSpec.Bind(Path.of("/"), "/up", false, true, true, "", ""));
  }

  @Test
  void whatIsMountedOnAServicesTargetTakesItsPlace() {
    assertThat(spec(options(List.of("/abs:/d"), List.of())).mounts())
        .containsExactly(new MountSpec.Bind(Path.of("/abs"), "/d", false, true, true, "", ""));
  }

  @Test
  void portsAreAsInAFile() {
    List<String> given =
        List.of("19000-19001:90-91", "18335-18336:80", "82", "127.0.0.1::83/UDP", "[::1]:8:8");
    assertThat(spec(options(List.of(), given)).networking().ports())
        .containsExactly(
            new PortSpec("", 19000, 19000, 90, "tcp"),
            new PortSpec("", 19001, 19001, 91, "tcp"),
            new PortSpec("", 18335, 18336, 80, "tcp"),
            new PortSpec("", 0, 0, 82, "tcp"),
            new PortSpec("127.0.0.1", 0, 0, 83, "udp"),
            new PortSpec("::1", 8, 8, 8, "tcp"));
  }
}
