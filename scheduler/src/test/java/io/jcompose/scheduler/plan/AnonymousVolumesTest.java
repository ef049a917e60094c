package io.jcompose.scheduler.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.core.ContainerSpec;
import io.jcompose.core.ContainerSpec.MountSpec;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AnonymousVolumesTest {
  private static ContainerSpec spec(MountSpec... mounts) {
    ContainerSpec s = ContainerSpec.of("a", "busybox");
    return s.withMounts(List.of(mounts));
  }

  @Test
  void takesOverWhatTheFileAndTheImageLeaveUnnamed() {
    ContainerSpec next =
        AnonymousVolumes.inherit(
            spec(new MountSpec.Volume("", "/cache", true, false, "")),
            Map.of("/cache", "aaa", "/var/lib/data", "bbb"),
            List.of("/var/lib/data/"));
    assertThat(next.mounts())
        .containsExactly(
            new MountSpec.Volume("aaa", "/cache", true, true, "", true),
            new MountSpec.Volume("bbb", "/var/lib/data/", false, true, "", true));
  }

  @Test
  void leavesATargetThatIsNowNamedOrABind() {
    MountSpec named = new MountSpec.Volume("data", "/a", false, false, "");
    MountSpec memory = new MountSpec.Tmpfs("/b", "");
    ContainerSpec next =
        AnonymousVolumes.inherit(
            spec(named, memory), Map.of("/a", "x", "/b", "y"), List.of("/a", "/b"));
    assertThat(next.mounts()).containsExactly(named, memory);
  }

  /** Or it would hide for good what the file now has there, such as the files of a bind above. */
  @Test
  void leavesATargetThatNeitherTheFileNorTheImageHasAnyMore() {
    MountSpec kept = new MountSpec.Volume("", "/kept", false, false, "");
    ContainerSpec next =
        AnonymousVolumes.inherit(spec(kept), Map.of("/kept", "x", "/app", "y"), List.of());
    assertThat(next.mounts())
        .containsExactly(new MountSpec.Volume("x", "/kept", false, true, "", true));
  }
}
