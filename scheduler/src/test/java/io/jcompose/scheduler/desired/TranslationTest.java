package io.jcompose.scheduler.desired;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.compose.LoadRequest;
import io.jcompose.compose.ProjectLoader;
import io.jcompose.compose.model.Project;
import io.jcompose.core.ContainerSpec;
import io.jcompose.core.ContainerSpec.MountSpec;
import io.jcompose.core.ContainerSpec.RestartPolicy;
import io.jcompose.core.ContainerSpec.RestartPolicy.Kind;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Networking.EndpointSpec;
import io.jcompose.core.Networking.PortSpec;
import io.jcompose.scheduler.UpOptions;
import io.jcompose.scheduler.plan.Replica;
import io.jcompose.scheduler.store.ProjectStore;
import io.jcompose.scheduler.store.ProjectStore.Goal;
import io.jcompose.scheduler.store.ProjectStore.Stored;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TranslationTest {
  private static final Path FOLDER =
      Path.of("src/test/resources/TranslationTest/shop").toAbsolutePath();
  private final Project project = new ProjectLoader().load(LoadRequest.of(FOLDER, Map.of()));
  private final Translation translation = Translation.of(project);
  private final Desired desired = translation.desired();

  private ContainerSpec replica(String service, int number) {
    return Replica.spec("shop", desired.services().get(service), number, "sha256:i");
  }

  @Test
  void labelsAndNamesAreDockerComposes() {
    ContainerSpec web = replica("web", 2);
    assertThat(web.name()).isEqualTo("shop-web-2");
    assertThat(web.labels().keySet())
        .extracting(key -> key.substring("com.docker.compose.".length()))
        .as("those of Docker Compose 2.40.3, and no others")
        .containsExactlyInAnyOrder(
            "project",
            "service",
            "container-number",
            "oneoff",
            "config-hash",
            "image",
            "depends_on",
            "project.working_dir",
            "project.config_files",
            "version");
    assertThat(web.labels())
        .containsEntry("com.docker.compose.project", "shop")
        .containsEntry("com.docker.compose.service", "web")
        .containsEntry("com.docker.compose.container-number", "2")
        .containsEntry("com.docker.compose.oneoff", "False")
        .containsEntry("com.docker.compose.image", "sha256:i")
        .containsEntry("com.docker.compose.depends_on", "db:service_healthy:true")
        .containsEntry("com.docker.compose.project.working_dir", FOLDER.toString())
        .containsEntry(
            "com.docker.compose.project.config_files", FOLDER.resolve("compose.yaml").toString())
        .containsEntry("com.docker.compose.config-hash", project.configHash("web"));
  }

  @Test
  void theCallersDefaultPlatformIsForServicesThatStateNone(@TempDir Path folder) throws Exception {
    Files.writeString(
        folder.resolve("compose.yaml"),
        "services: {a: {image: x}, b: {image: y, platform: linux/amd64}}");
    Project plain = new ProjectLoader().load(LoadRequest.of(folder, Map.of()));
    Project given =
        new ProjectLoader()
            .load(LoadRequest.of(folder, Map.of("DOCKER_DEFAULT_PLATFORM", "linux/arm64")));
    Map<String, Desired.Service> services = Translation.of(given).desired().services();
    assertThat(services.get("a").platform()).isEqualTo("linux/arm64");
    assertThat(services.get("b").platform()).isEqualTo("linux/amd64");
    assertThat(given.configHash("a")).isEqualTo(plain.configHash("a"));
  }

  @Test
  void networksAreOrderedByPriorityWithAliases() {
    assertThat(replica("web", 1).networking().endpoints())
        .containsExactly(
            EndpointSpec.of("shop_front", List.of("shop-web-1", "web")).withIpv4Address("10.9.0.5"),
            EndpointSpec.of("shop_back", List.of("shop-web-1", "web", "www")));
    assertThat(replica("side", 1).networking().mode()).isEqualTo("service:web");
  }

  @Test
  void portsMountsFilesAndLimitsCarryOver() {
    ContainerSpec web = replica("web", 1);
    assertThat(web.networking().ports())
        .contains(new PortSpec("127.0.0.1", 9000, 9000, 9000, "udp"))
        .contains(new PortSpec("", 8080, 8081, 80, "tcp"));
    assertThat(web.mounts())
        .containsExactly(
            new MountSpec.Volume("shop_data", "/data", true, false, ""),
            new MountSpec.Bind(FOLDER.resolve("src"), "/src", false, true, true, ""),
            new MountSpec.Volume("", "/anon", false, false, ""),
            new MountSpec.Tmpfs("/scratch", "size=1m"));
    assertThat(web.files())
        .containsExactly(
            new ContainerSpec.FileSpec("site", "/etc/site.conf", null, "hello", 7, -1, 0440, false),
            new ContainerSpec.FileSpec(
                "key", "/run/secrets/key", FOLDER.resolve("key.txt"), null, -1, -1, -1, true));
    assertThat(web.resources().nanoCpus()).isEqualTo(500_000_000);
    assertThat(web.resources().memoryBytes()).isEqualTo(64L << 20);
    assertThat(web.lifecycle().restart()).isEqualTo(new RestartPolicy(Kind.ON_FAILURE, 3));
    assertThat(desired.services().get("web").restartDelay()).isEqualTo(Duration.ofSeconds(2));
    assertThat(desired.services().get("web").restartWindow()).isEqualTo(Duration.ofSeconds(5));
  }

  @Test
  void refusesWhatItCannotDoOnlyWhereItIsUsed() {
    translation.requireSupported(List.of("web", "db", "side"));
    assertThat(translation.warningsOf(List.of("web")))
        .singleElement()
        .asString()
        .endsWith("services.web.deploy.placement: not carried out (there is one host)");
    assertThatThrownBy(() -> translation.requireSupported(List.of("web", "special")))
        .isInstanceOf(JcomposeException.NotSupported.class)
        .hasMessageContaining("services.special.volumes_from: not supported yet");
  }

  @Test
  void gpusAreNamesOfTheContainerDeviceInterface(@TempDir Path folder) throws IOException {
    Files.writeString(
        folder.resolve("compose.yaml"),
        """
        services:
          one:
            image: busybox
            gpus: all
            devices: ["vendor.com/net=port", "/dev/null:/dev/nothing:r"]
          two:
            image: busybox
            deploy:
              resources:
                reservations:
                  devices: [{capabilities: [gpu], count: 2}]
          three:
            image: busybox
            gpus:
              - {driver: amd, device_ids: ["3"], options: {virtualization: "true"}}
              - {driver: cdi, device_ids: ["vendor.com/net=a"]}
        """);
    Project gpus = new ProjectLoader().load(LoadRequest.of(folder, Map.of()));
    assertThat(DeviceNames.of(gpus.services().get("one")))
        .containsExactly("vendor.com/net=port", "/dev/null:/dev/nothing:r", "nvidia.com/gpu=all");
    assertThat(DeviceNames.of(gpus.services().get("two")))
        .containsExactly("nvidia.com/gpu=0", "nvidia.com/gpu=1");
    assertThat(DeviceNames.of(gpus.services().get("three")))
        .containsExactly("amd.com/gpu=3", "vendor.com/net=a");
    assertThat(Translation.of(gpus).warningsOf(List.of("one", "two", "three")))
        .singleElement()
        .asString()
        .endsWith("services.three.gpus.options: not carried out (devices are found by name only)");
  }

  @Test
  void survivesItsStateFile(@TempDir Path dir) {
    ProjectStore store = new ProjectStore(dir);
    Stored stored =
        new Stored(
            "shop",
            Goal.UP,
            Instant.now(),
            desired,
            UpOptions.DEFAULT,
            null,
            List.of("web"),
            Map.of("1", "2026-01-01T00:00:00Z"));
    store.begin(stored);
    assertThat(store.load("shop")).contains(stored);
    assertThat(store.isFinished(stored)).isFalse();
    store.finish(stored);
    assertThat(store.isFinished(stored)).isTrue();
    assertThat(store.names()).containsExactly("shop");
  }

  @Test
  void seccompProfilesAreReadFromTheirFiles(@TempDir Path folder) throws IOException {
    Files.writeString(folder.resolve("strict.json"), "{\"x\": 1}");
    assertThat(
            SeccompFiles.read(
                List.of("seccomp:strict.json", "seccomp=unconfined", "no-new-privileges:true"),
                folder))
        .containsExactly("seccomp={\"x\": 1}", "seccomp=unconfined", "no-new-privileges:true");
    assertThatThrownBy(() -> SeccompFiles.read(List.of("seccomp:absent.json"), folder))
        .isInstanceOf(JcomposeException.InvalidArgument.class)
        .hasMessageContaining("opening seccomp profile (" + folder.resolve("absent.json") + ")");
    for (String special : List.of("/dev/zero", folder.toString())) {
      assertThatThrownBy(() -> SeccompFiles.read(List.of("seccomp:" + special), folder))
          .isInstanceOf(JcomposeException.InvalidArgument.class)
          .hasMessageEndingWith("it is no regular file");
    }
  }
}
