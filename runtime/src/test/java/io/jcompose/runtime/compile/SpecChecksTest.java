package io.jcompose.runtime.compile;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.core.ContainerSpec;
import io.jcompose.core.ContainerSpec.MountSpec;
import io.jcompose.core.ContainerSpec.ProcessSpec;
import io.jcompose.core.ContainerSpec.Security;
import io.jcompose.core.ContainerSpec.Ulimit;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Networking;
import io.jcompose.core.Resources;
import io.jcompose.core.Resources.DeviceValue;
import io.jcompose.linux.DescriptorLimit;
import io.jcompose.runtime.OciRuntime;
import io.jcompose.runtime.PathRules;
import io.jcompose.runtime.cgroup.CgroupHost;
import io.jcompose.runtime.cgroup.CgroupLayout;
import io.jcompose.runtime.cgroup.CpuList;
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
        base.with().process(process).mounts(List.of(mount)).resources(resources).build();
    CgroupHost host = new CgroupHost(Map.of(), Optional.of(Path.of("/none")), Set.of());
    return SpecChecks.of(spec, new CgroupLayout(host, "/jc"), Map.of()).stream()
        .map(Throwable::getMessage)
        .toList();
  }

  private static ProcessSpec process(List<String> env, String hostname, String domainname) {
    return ProcessSpec.DEFAULT
        .with()
        .command(List.of("true"))
        .env(env)
        .hostname(hostname)
        .domainname(domainname)
        .build();
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

  @Test
  void aCpuOfTheMachineMayBePinned() {
    int first = layout().host().cpus().nextSetBit(0);
    Resources pinned = Resources.UNLIMITED.withCpusetCpus("" + first);
    ProcessSpec process = process(List.of(), "", "");
    assertThat(problems(process, pinned, new MountSpec.Tmpfs("/t", ""))).isEmpty();
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
    Security security = Security.DEFAULT.with().sysctls(Map.of(key, "1")).ipcMode(ipc).build();
    Networking networking = Networking.NONE.withMode(network);
    ContainerSpec spec = base.with().security(security).networking(networking).build();
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

  /** A person mends all of it at once. */
  @Test
  void tellsEverythingThatIsWrongWithASpec() {
    DeviceValue device = new DeviceValue("/dev/nosuch", 100);
    List<DeviceValue> devices = List.of(device);
    Resources resources =
        Resources.UNLIMITED
            .with()
            .cpusetCpus("0,4000")
            .memoryBytes(1000)
            .blkioWeightDevice(devices)
            .blkioReadBps(devices)
            .blkioWriteBps(devices)
            .blkioReadIops(devices)
            .blkioWriteIops(devices)
            .build();
    Security security =
        security(
            List.of("NOSUCH"),
            List.of("nonsense"),
            List.of("/dev/nosuch:/dev/x"),
            Map.of("nosuch", new Ulimit(1, 1)),
            "nosuch");
    String cpus = CpuList.text(new CgroupHost(Map.of(), Optional.empty(), Set.of()).cpus());
    String gathering = "error gathering device information while adding custom device";
    assertThat(problems(security, resources, new MountSpec.Tmpfs("relative", "")))
        .satisfiesExactly(
            text -> assertThat(text).startsWith("unknown or invalid runtime name: nosuch"),
            text -> assertThat(text).isEqualTo("invalid --security-opt 1: \"nonsense\""),
            text -> assertThat(text).contains("nosuch"),
            text -> assertThat(text).contains("NOSUCH"),
            text -> assertThat(text).startsWith(gathering),
            text -> assertThat(text).isEqualTo("Minimum memory limit allowed is 6MB"),
            text ->
                assertThat(text)
                    .isEqualTo(
                        "Requested CPUs are not available - requested 0,4000, available: " + cpus),
            text -> assertThat(text).startsWith(gathering),
            text -> assertThat(text).startsWith(gathering),
            text -> assertThat(text).startsWith(gathering),
            text -> assertThat(text).startsWith(gathering),
            text -> assertThat(text).startsWith(gathering),
            text -> assertThat(text).contains("mount path must be absolute"));
  }

  @Test
  void whatOnlyTheEnginesOwnRuntimeCanDoIsRefusedForAnother() {
    OciRuntime own = new OciRuntime(Path.of("/bin/true"), List.of());
    Security security = security(List.of(), List.of(), List.of(), Map.of(), "own");
    ProcessSpec init = ProcessSpec.DEFAULT.with().command(List.of("true")).init(true).build();
    assertThat(SpecChecks.of(spec(init, security), layout(), Map.of("own", own)))
        .singleElement()
        .isInstanceOf(JcomposeException.NotSupported.class)
        .asString()
        .contains("init with runtime own");
  }

  /** No descriptor table is larger than fs.nr_open, whatever a process may raise. */
  @Test
  void anUlimitMustBeOneThatTheMachineAllows() {
    Map<String, Ulimit> most = Map.of("nofile", new Ulimit(1, DescriptorLimit.most() + 1));
    Security security = security(List.of(), List.of(), List.of(), most, "");
    assertThat(problems(security, Resources.UNLIMITED, new MountSpec.Tmpfs("/t", "")))
        .singleElement()
        .asString()
        .contains("ulimits.nofile");
  }

  @Test
  void aDeviceRuleAloneIsLookedAt() {
    Security rule = Security.DEFAULT.withDeviceCgroupRules(List.of("nonsense"));
    assertThat(problems(rule, Resources.UNLIMITED, new MountSpec.Tmpfs("/t", "")))
        .singleElement()
        .asString()
        .contains("nonsense");
  }

  private static List<String> problems(Security security, Resources resources, MountSpec mount) {
    ContainerSpec base = ContainerSpec.of("test", "busybox");
    ContainerSpec spec =
        base.with().security(security).mounts(List.of(mount)).resources(resources).build();
    return SpecChecks.of(spec, layout(), Map.of()).stream().map(Throwable::getMessage).toList();
  }

  private static ContainerSpec spec(ProcessSpec process, Security security) {
    ContainerSpec base = ContainerSpec.of("test", "busybox");
    return base.with().process(process).security(security).build();
  }

  private static CgroupLayout layout() {
    return new CgroupLayout(new CgroupHost(Map.of(), Optional.empty(), Set.of()), "/jc");
  }

  private static Security security(
      List<String> capabilities,
      List<String> options,
      List<String> devices,
      Map<String, Ulimit> ulimits,
      String runtime) {
    return Security.DEFAULT
        .with()
        .capAdd(capabilities)
        .securityOpt(options)
        .devices(devices)
        .ulimits(ulimits)
        .runtime(runtime)
        .build();
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
    return Resources.UNLIMITED.withNanoCpus(cpus * 1_000_000_000L);
  }
}
