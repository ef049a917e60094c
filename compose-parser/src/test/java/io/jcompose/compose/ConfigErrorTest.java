package io.jcompose.compose;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.jcompose.compose.model.Project;
import io.jcompose.core.JcomposeException;
import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Files that are refused: our message is the golden; what the real Docker Compose said lies beside
 * for comparison ({@code src/test/make-goldens}).
 */
class ConfigErrorTest {
  static Stream<GoldenCase> cases() {
    return GoldenCase.all("ConfigErrorTest");
  }

  @ParameterizedTest
  @MethodSource("cases")
  void saysWhatIsWrongAndWhere(GoldenCase golden) throws IOException {
    LoadRequest request = golden.request();
    Throwable thrown =
        catchThrowable(
            () -> {
              Project project = new ProjectLoader().load(request);
              request.services().forEach(project::service);
            });
    assertThat(thrown).isInstanceOf(JcomposeException.class);
    String message = golden.neutral(String.valueOf(thrown.getMessage())) + "\n";
    assertThat(message).isEqualTo(golden.golden("expected.error", message, true));
    assertThat(golden.has("docker.error")).isTrue();
    // Where a file is to blame, the place in it is told.
    if (!golden.name().startsWith("names/") && !golden.name().startsWith("files/")) {
      assertThat(message).containsPattern("(?m)(^| at )\\S+:\\d+:\\d+(: |$)");
    }
  }
}
