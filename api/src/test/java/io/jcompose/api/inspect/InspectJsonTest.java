package io.jcompose.api.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.api.text.JsonText;
import io.jcompose.core.ContainerDetails;
import io.jcompose.core.ContainerSpec;
import io.jcompose.core.ContainerSpec.MountSpec;
import io.jcompose.core.Images;
import io.jcompose.core.Networking;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The shapes that Docker gives; bench/compare-inspect compares them with a live one. */
class InspectJsonTest {
  private static final ContainerDetails DETAILS =
      new ContainerDetails(
          "",
          "",
          "",
          "",
          List.of("/proc/kcore"),
          List.of("/proc/sys"),
          "",
          "",
          0,
          List.of(),
          List.of());

  private static Map<String, Object> hostConfig(
      ContainerSpec.Security security, MountSpec... mounts) {
    return HostConfigJson.of(spec(security, Networking.NONE, mounts), DETAILS);
  }

  private static ContainerSpec spec(
      ContainerSpec.Security security, Networking networking, MountSpec... mounts) {
    return ContainerSpec.of("box", "busybox")
        .with()
        .security(security)
        .networking(networking)
        .mounts(List.of(mounts))
        .build();
  }

  @Test
  void whiteSpaceIsAsInDocker() {
    Map<String, Object> some =
        new TreeMap<>(Map.of("a", List.of(1), "b", List.of(), "c", Map.of()));
    assertThat(JsonText.pretty(List.of(some)))
        .isEqualTo(
            """
            [
                {
                    "a": [
                        1
                    ],
                    "b": [],
                    "c": {}
                }
            ]
            """);
  }

  @Test
  void whatIsNotSetIsAsInDocker() {
    Map<String, Object> config = hostConfig(ContainerSpec.Security.DEFAULT);
    for (String key :
        List.of(
            "Binds", "CapAdd", "Devices", "Dns", "Ulimits", "BlkioWeightDevice", "VolumesFrom")) {
      assertThat(config).containsEntry(key, null);
    }
    assertThat(config).doesNotContainKeys("Init", "Sysctls", "Tmpfs");
    assertThat(config)
        .containsEntry("ExtraHosts", null)
        .containsEntry("CgroupnsMode", "private")
        .containsEntry("CpuPercent", 0)
        .containsEntry("MaskedPaths", List.of("/proc/kcore"))
        .containsEntry("ReadonlyPaths", List.of("/proc/sys"));
  }

  @Test
  void capabilitiesHaveTheirFullNames() {
    ContainerSpec.Security security =
        ContainerSpec.Security.DEFAULT
            .with()
            .capAdd(List.of("net_admin", "CAP_KILL"))
            .capDrop(List.of("ALL"))
            .build();
    assertThat(hostConfig(security))
        .containsEntry("CapAdd", List.of("CAP_NET_ADMIN", "CAP_KILL"))
        .containsEntry("CapDrop", List.of("ALL"));
  }

  @Test
  void mountsAreBindsOrTmpfs() {
    Map<String, Object> config =
        hostConfig(
            ContainerSpec.Security.DEFAULT,
            new MountSpec.Bind(Path.of("/a"), "/b", true, true, true, ""),
            new MountSpec.Bind(Path.of("/l"), "/l", true, true, true, "", "Z"),
            new MountSpec.Bind(Path.of("/a.sock"), "/s", false, false, true, ""),
            new MountSpec.Volume("data", "/data", false, true, ""),
            new MountSpec.Volume("", "/anonymous", false, false, ""),
            new MountSpec.Tmpfs("/run", "size=1m"));
    assertThat(config)
        .containsEntry(
            "Binds", List.of("/a:/b:ro", "/l:/l:ro,Z", "/a.sock:/s:rw", "data:/data:rw,nocopy"))
        .containsEntry("Tmpfs", Map.of("/run", "size=1m"))
        .doesNotContainKey("Mounts");
  }

  @Test
  void whatBindsHaveNoWordsForIsAMountInItsLongForm() {
    Map<String, Object> config =
        hostConfig(
            ContainerSpec.Security.DEFAULT,
            new MountSpec.Bind(Path.of("/there"), "/b", true, false, true, ""),
            new MountSpec.Bind(Path.of("/flat"), "/f", false, true, false, "rslave"),
            new MountSpec.Volume("data", "/part", false, true, "a/b"));
    assertThat(config).containsEntry("Binds", null);
    assertThat(JsonText.of(config.get("Mounts")))
        .isEqualTo(
            "[{\"Type\":\"bind\",\"Source\":\"/there\",\"Target\":\"/b\",\"ReadOnly\":true},"
                + "{\"Type\":\"bind\",\"Source\":\"/flat\",\"Target\":\"/f\",\"BindOptions\":"
                + "{\"Propagation\":\"rslave\",\"NonRecursive\":true,\"CreateMountpoint\":true}},"
                + "{\"Type\":\"volume\",\"Source\":\"data\",\"Target\":\"/part\",\"VolumeOptions\":"
                + "{\"NoCopy\":true,\"Subpath\":\"a/b\"}}]");
  }

  @Test
  void whatFilesAndImagesExposeIsEachPortOnce() {
    ContainerSpec spec =
        spec(
            Networking.NONE.withExposed(
                List.of("80/tcp", "3000-3001/udp", "9-8/tcp", "70000/tcp", "1-9999999/tcp")));
    assertThat(ExposedPorts.of(spec, image()))
        .containsExactlyInAnyOrder(
            new ExposedPorts.Exposed(80, "tcp"),
            new ExposedPorts.Exposed(443, "tcp"),
            new ExposedPorts.Exposed(3000, "udp"),
            new ExposedPorts.Exposed(3001, "udp"));
  }

  private static Images.ImageView image() {
    return new Images.ImageView(
        "sha256:i",
        List.of(),
        List.of(),
        0,
        null,
        "linux/amd64",
        List.of("/entry"),
        List.of("serve"),
        List.of(),
        "",
        "",
        List.of("80/tcp", "443", "any; thing"),
        List.of(),
        Map.of(),
        "",
        null,
        List.of());
  }

  private static ContainerSpec spec(Networking networking) {
    return spec(ContainerSpec.Security.DEFAULT, networking);
  }

  @Test
  void theImagesCommandIsShownWhereItRuns() {
    Images.ImageView image = image();
    assertThat(ContainerJson.command(process(null, null), image)).containsExactly("serve");
    assertThat(ContainerJson.command(process(null, List.of()), image)).containsExactly("serve");
    assertThat(ContainerJson.command(process(List.of(), null), image)).containsExactly("serve");
    assertThat(ContainerJson.command(process(null, List.of("own")), image)).containsExactly("own");
    assertThat(ContainerJson.command(process(List.of("/own"), null), image)).isNull();
  }

  private static ContainerSpec.ProcessSpec process(
      @Nullable List<String> entrypoint, @Nullable List<String> command) {
    return ContainerSpec.ProcessSpec.DEFAULT.with().entrypoint(entrypoint).command(command).build();
  }

  @Test
  void whoIsNotConfinedSaysSo() {
    assertThat(hostConfig(security(false, ""))).containsEntry("SecurityOpt", null);
    assertThat(hostConfig(security(true, "")))
        .containsEntry("SecurityOpt", List.of("label=disable"));
    assertThat(hostConfig(security(false, "host")))
        .containsEntry("SecurityOpt", List.of("label=disable"));
    assertThat(hostConfig(security(true, "", "label=type:x")))
        .containsEntry("SecurityOpt", List.of("label=type:x"));
  }

  private static ContainerSpec.Security security(boolean privileged, String pid, String... opt) {
    return ContainerSpec.Security.DEFAULT
        .with()
        .privileged(privileged)
        .securityOpt(List.of(opt))
        .pidMode(pid)
        .build();
  }
}
