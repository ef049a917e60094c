package io.jcompose.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.core.ContainerSpec;
import io.jcompose.core.ContainerSpec.MountSpec;
import io.jcompose.core.ContainerSpec.ProcessSpec;
import io.jcompose.core.Resources;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

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
