package io.jcompose.images.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.JcomposeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LayerPathsTest {
  @ParameterizedTest
  @CsvSource({
    "etc/passwd, etc/passwd",
    "./etc//passwd/, etc/passwd",
    "/etc/passwd, etc/passwd",
    "usr/lib/../bin, usr/bin",
    "usr/.., ''",
    "/../etc, etc",
    "'', ''",
    "., ''"
  })
  void aNameIsCleaned(String name, String expected) {
    assertThat(String.join("/", LayerPaths.clean(name))).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"..", "../etc", "usr/../../etc", "./../x"})
  void aNameThatLeadsOutIsRefused(String name) {
    assertThatThrownBy(() -> LayerPaths.clean(name))
        .isInstanceOf(JcomposeException.Corrupt.class)
        .hasMessage("entry \"" + name + "\" of a layer is outside of it");
  }

  /** A link's target has them, and where they lead is known only on the way. */
  @Test
  void aLinksTargetKeepsItsStepsBack() {
    assertThat(LayerPaths.components("/a/./b/../c")).containsExactly("a", "b", "..", "c");
  }

  @Test
  void aPathHasSoManyLevels() {
    assertThat(LayerPaths.components("d/".repeat(120))).hasSize(120);
    assertThatThrownBy(() -> LayerPaths.components("d/".repeat(121)))
        .isInstanceOf(JcomposeException.Corrupt.class)
        .hasMessage("path of 121 levels in a layer, limit 120");
  }

  @Test
  void aRealPathIsNeitherDeepNorLong() {
    String deep = "d/".repeat(119) + "d";
    assertThatCode(() -> LayerPaths.checkDepth(deep)).doesNotThrowAnyException();
    assertThatThrownBy(() -> LayerPaths.checkDepth(deep + "/d"))
        .isInstanceOf(JcomposeException.Corrupt.class)
        .hasMessageStartingWith("directory of 121 levels and 241 bytes");
    String wide = "d".repeat(4096);
    assertThatCode(() -> LayerPaths.checkDepth(wide)).doesNotThrowAnyException();
    assertThatThrownBy(() -> LayerPaths.checkDepth(wide + "d"))
        .isInstanceOf(JcomposeException.Corrupt.class)
        .hasMessageStartingWith("directory of 1 levels and 4097 bytes");
  }
}
