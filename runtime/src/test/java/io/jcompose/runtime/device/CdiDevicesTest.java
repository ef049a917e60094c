package io.jcompose.runtime.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.Mount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CdiDevicesTest {
  @Test
  void findsCdiDevices(@TempDir Path etc, @TempDir Path run) throws IOException {
    Files.writeString(
        etc.resolve("v.json"),
        """
        {"cdiVersion": "0.6.0", "kind": "vendor.com/gpu",
         "containerEdits": {"env": ["COMMON=1"]},
         "devices": [
          {"name": "all", "containerEdits": {"env": ["ONE=1"],
            "deviceNodes": [{"path": "/dev/v0", "hostPath": "/dev/null", "permissions": "rw"}],
            "mounts": [{"hostPath": "/lib/v", "containerPath": "/usr/v", "options": ["ro", "rbind"]}]}},
          {"name": "hooked", "containerEdits": {"hooks": [{"hookName": "createContainer"}]}}]}\
        """);
    List<Path> directories = List.of(etc, run, etc.resolve("absent"));
    CdiDevices found = CdiDevices.find(List.of("vendor.com/gpu=all"), directories);
    assertThat(found.nodes()).containsExactly("/dev/null:/dev/v0:rw");
    assertThat(found.env()).containsExactly("COMMON=1", "ONE=1");
    assertThat(found.mounts())
        .containsExactly(new Mount.Bind(Path.of("/lib/v"), "/usr/v", true, true, "rprivate"));
    assertThat(CdiDevices.find(List.of(), directories).nodes()).isEmpty();
    assertThatThrownBy(() -> CdiDevices.find(List.of("vendor.com/gpu=hooked"), directories))
        .hasMessageContaining("needs hooks");
    Files.writeString(run.resolve("w.yaml"), "kind: other.com/x");
    assertThatThrownBy(() -> CdiDevices.find(List.of("other.com/x=1"), directories))
        .hasMessageContaining("unresolvable CDI devices other.com/x=1")
        .hasMessageContaining("w.yaml");
    assertThat(CdiDevices.isName("/dev/a=b")).isFalse();
  }
}
