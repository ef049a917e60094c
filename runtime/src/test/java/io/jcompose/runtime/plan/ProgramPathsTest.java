package io.jcompose.runtime.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ProgramPathsTest {
  @Test
  void aNameIsLookedForInPathAndAPathIsItself() {
    assertThat(ProgramPaths.of("ls", List.of("A=1", "PATH=/bin::/x")))
        .containsExactly("/bin/ls", "./ls", "/x/ls");
    assertThat(ProgramPaths.of("./ls", List.of("PATH=/bin"))).containsExactly("./ls");
    assertThat(ProgramPaths.of("ls", List.of())).hasSize(6).contains("/bin/ls");
    assertThat(ProgramPaths.of("ls", List.of("PATH=" + "x".repeat(5000) + ":/b")))
        .containsExactly("/b/ls");
    assertThat(ProgramPaths.of("", List.of("PATH=/bin"))).isEmpty();
  }
}
