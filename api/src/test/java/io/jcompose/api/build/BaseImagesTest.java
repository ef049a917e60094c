package io.jcompose.api.build;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.core.build.BuildSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BaseImagesTest {
  @TempDir Path folder;

  @Test
  void theNamesBehindFromAndNamedContextsAreMeant() throws Exception {
    Files.writeString(
        folder.resolve("Dockerfile"),
        """
        # FROM comment
        ARG V=1
        FROM --platform=$BUILDPLATFORM reg.test/base:1 AS base
          from other.test/tools
        FROM variable:$V
        FROM scratch
        COPY . .
        """);
    BuildSpec spec =
        BuildSpec.of("a", folder).withContexts(Map.of("x", "docker-image://ctx.test/x", "y", "/y"));
    assertThat(BaseImages.of(List.of(spec, spec)))
        .containsExactly("reg.test/base:1", "other.test/tools", "ctx.test/x");
  }

  @Test
  void whatCannotBeReadNamesNone() {
    assertThat(BaseImages.of(List.of(BuildSpec.of("a", folder.resolve("not"))))).isEmpty();
    assertThat(
            BaseImages.of(
                List.of(BuildSpec.of("a", folder).withDockerfileText("FROM inline.test/x"))))
        .containsExactly("inline.test/x");
  }
}
