package io.jcompose.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.JcomposeException;
import io.jcompose.core.build.BuildSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BuildFilesTest {
  private static final Path NOWHERE = Path.of("/nowhere");

  @TempDir Path context;

  private BuildSpec spec(String name, String dockerfile) throws IOException {
    Files.writeString(context.resolve(name), dockerfile);
    return BuildSpec.of(name, context).with().dockerfile(name).build();
  }

  @Test
  void messagesNameTheWholePath() throws Exception {
    BuildSpec spec = spec("web", "FROM scratch\nRUM x\n");
    assertThatThrownBy(() -> BuildFiles.of(List.of(spec), NOWHERE))
        .hasMessageContaining(context.resolve("web") + ":2:1: ");
    assertThat(BuildFiles.of(List.of(spec("other", "FROM scratch")), NOWHERE).getFirst().name())
        .isEqualTo(context.resolve("other").toString());
    assertThatThrownBy(() -> BuildFiles.of(List.of(spec), context))
        .hasMessageStartingWith("web:2:1: ");
  }

  @Test
  void foldersAreLookedForBeforehand() throws Exception {
    BuildSpec spec = spec("web", "FROM scratch\n");
    assertThatThrownBy(
            () -> BuildFiles.of(List.of(spec.with().context("/not/there").build()), NOWHERE))
        .isInstanceOf(JcomposeException.NotFound.class)
        .hasMessage("unable to prepare context of web: path \"/not/there\" not found");
    String file = context.resolve("web").toString();
    assertThatThrownBy(
            () ->
                BuildFiles.of(List.of(spec.with().contexts(Map.of("lib", file)).build()), NOWHERE))
        .hasMessage("unable to prepare context lib of web: path \"" + file + "\" is no directory");
  }

  @Test
  void secretsAreLookedForBeforehand() throws Exception {
    BuildSpec.Secret secret = new BuildSpec.Secret("token", context.resolve("none"), null);
    BuildSpec spec = spec("web", "FROM scratch\n").with().secrets(List.of(secret)).build();
    assertThatThrownBy(() -> BuildFiles.of(List.of(spec), NOWHERE))
        .isInstanceOf(JcomposeException.NotFound.class)
        .hasMessageStartingWith("secret token of web: " + context.resolve("none"));
  }

  @Test
  void theDockerfilesOfACallHaveALimitTogether() throws Exception {
    String long1 = "FROM scratch\n# " + "x".repeat(3_000_000) + "\n";
    BuildSpec one = spec("one", long1);
    assertThat(BuildFiles.of(List.of(one), NOWHERE)).hasSize(1);
    assertThatThrownBy(() -> BuildFiles.of(List.of(one, spec("two", long1)), NOWHERE))
        .isInstanceOf(JcomposeException.InvalidArgument.class)
        .hasMessageContaining(context.resolve("two").toString())
        .hasMessageContaining("together");
  }
}
