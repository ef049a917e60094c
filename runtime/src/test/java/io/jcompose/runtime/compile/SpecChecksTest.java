package io.jcompose.runtime.compile;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.core.ContainerSpec;
import io.jcompose.core.ContainerSpec.MountSpec;
import io.jcompose.core.ContainerSpec.ProcessSpec;
import io.jcompose.core.ContainerSpec.Security;
import io.jcompose.core.Networking;
import io.jcompose.core.Resources;
import io.jcompose.runtime.PathRules;
import io.jcompose.runtime.cgroup.CgroupHost;
import io.jcompose.runtime.cgroup.CgroupLayout;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is refused before anything of a container is made. */
class SpecChecksTest {
  private static final String LONG = "h".repeat(65);

  private static List<String> problems(ProcessSpec process, Resources resources, MountSpec mount) {
    ContainerSpec base = ContainerSpec.of("test", "busybox");
    ContainerSpec spec =
        new ContainerSpec(
            base.name(),
            base.image(),
            base.imageId(),
            base.labels(),
            process,
            base.security(),
            base.networking(),
            List.of(mount),
            base.files(),
            resources,
            base.lifecycle(),
            null,
            base.logging());
    CgroupHost host = new CgroupHost(Map.of(), Optional.of(Path.of("/none")), Set.of());
    return SpecChecks.of(spec, new CgroupLayout(host, "/jc"), Map.of()).stream()
        .map(Throwable::getMessage)
        .toList();
  }

  private static ProcessSpec process(List<String> env, String hostname, String domainname) {
    return new ProcessSpec(
        null, List.of("true"), env, "", "", hostname, domainname, List.of(), false, false, false);
  }

  @Test
  void wordsThatTheKernelRefusesAreRefusedFirst() {
    ProcessSpec bad = process(List.of("BIG=" + "x".repeat(140_000)), LONG, LONG);
    assertThat(problems(bad, Resources.UNLIMITED, new MountSpec.Tmpfs("/t", "size=1m,nosuch")))
        .satisfiesExactly(
            text ->
                assertThat(text)
                    .isEqualTo(
                        "invalid hostname \""
                            + LONG
                            + "\": it has 65 bytes, and the kernel takes 64"),
            text -> assertThat(text).startsWith("invalid domainname"),
            text -> assertThat(text).contains("variable BIG", "E2BIG"),
            text -> assertThat(text).startsWith("invalid tmpfs option \"nosuch\""));
  }

  /** The machine's, and not what this process may use of them. */
  @Test
  void asManyCpusAsTheMachineHasAreAllowed() {
    CgroupHost host = new CgroupHost(Map.of(), Optional.empty(), Set.of());
    int cpus = host.cpus().cardinality();
    ProcessSpec good = process(List.of("A=1"), "h".repeat(64), "");
    MountSpec mount = new MountSpec.Tmpfs("/t", "noatime");
    assertThat(problems(good, cpus(cpus), mount)).isEmpty();
    assertThat(problems(good, cpus(cpus + 1), mount))
        .singleElement()
        .asString()
        .contains("range of CPUs is from 0.01 to " + cpus + ".00");
  }

  /** Parameters of the host's own namespaces are the host's. */
  @ParameterizedTest
  @CsvSource({
    "networks, '', net.ipv4.ip_forward, ''",
    "none, '', net.core.somaxconn, ''",
    "host, '', net.ipv4.ip_forward, not allowed in host network namespace",
    "container:x, '', net.ipv4.ip_forward, not allowed in host network namespace",
    "networks, private, kernel.msgmax, ''",
    "networks, host, kernel.msgmax, not allowed in host ipc namespace",
    "networks, host, fs.mqueue.msg_max, not allowed in host ipc namespace",
    "networks, '', fs.mqueue.msg_max, ''",
    "networks, '', kernel.panic, is not in a separate kernel namespace",
    "networks, '', vm.swappiness, is not in a separate kernel namespace"
  })
  void aKernelParameterMustBeTheContainersOwn(
      String network, String ipc, String key, String problem) {
    ContainerSpec base = ContainerSpec.of("test", "busybox");
    Security security =
        new Security(
            false,
            false,
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            Map.of(key, "1"),
            Map.of(),
            "",
            ipc,
            "",
            "",
            "",
            "",
            "");
    Networking networking =
        new Networking(network, List.of(), List.of(), List.of(), List.of(), List.of(), List.of());
    ContainerSpec spec =
        new ContainerSpec(
            base.name(),
            base.image(),
            base.imageId(),
            base.labels(),
            base.process(),
            security,
            networking,
            base.mounts(),
            base.files(),
            base.resources(),
            base.lifecycle(),
            null,
            base.logging());
    CgroupHost host = new CgroupHost(Map.of(), Optional.of(Path.of("/none")), Set.of());
    List<String> problems =
        SpecChecks.of(spec, new CgroupLayout(host, "/jc"), Map.of()).stream()
            .map(Throwable::getMessage)
            .toList();
    if (problem.isEmpty()) {
      assertThat(problems).isEmpty();
    } else {
      assertThat(problems).containsExactly("sysctl \"" + key + "\" " + problem);
    }
  }

  /** What Docker 28 gives runc, read from a live container's config.json. */
  @Test
  void masksWhatDockerMasks() {
    assertThat(PathRules.DEFAULT.masked())
        .containsExactlyInAnyOrder(
            "/proc/acpi",
            "/proc/asound",
            "/proc/interrupts",
            "/proc/kcore",
            "/proc/keys",
            "/proc/latency_stats",
            "/proc/sched_debug",
            "/proc/scsi",
            "/proc/timer_list",
            "/proc/timer_stats",
            "/sys/devices/virtual/powercap",
            "/sys/firmware");
    assertThat(PathRules.DEFAULT.readOnly())
        .containsExactlyInAnyOrder(
            "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger");
  }

  private static Resources cpus(int cpus) {
    return new Resources(
        cpus * 1_000_000_000L,
        0,
        0,
        0,
        "",
        "",
        0,
        0,
        0,
        null,
        false,
        0,
        0,
        0,
        0,
        0,
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of());
  }
}
