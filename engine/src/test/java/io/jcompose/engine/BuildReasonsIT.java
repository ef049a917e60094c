package io.jcompose.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.JcomposeException;
import io.jcompose.core.Progress;
import io.jcompose.core.build.BuildSpec;
import io.jcompose.core.build.Builds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Why steps of builds are carried out: what differs from the last build of the place. */
@Timeout(120)
class BuildReasonsIT {
  @RegisterExtension static final EngineFixture host = new EngineFixture();

  private static final BuildSpec.Cache EXPLAINED =
      BuildSpec.Cache.DEFAULT.with().explained(true).build();
  private static final String DOCKERFILE =
      """
      FROM BASE
      ARG V=1
      WORKDIR /app
      COPY src/ /app
      RUN echo $V >/v
      RUN echo last >/last
      """;

  @TempDir Path context;
  private final List<Progress.Step> steps = Collections.synchronizedList(new ArrayList<>());

  private BuildSpec spec(String dockerfile) throws IOException {
    Files.writeString(context.resolve("Dockerfile"), dockerfile.replace("BASE", host.image));
    return BuildSpec.of("web", context).with().cache(EXPLAINED).build();
  }

  /** Each step that was carried out, and why. */
  private List<String> reasons(BuildSpec spec) {
    steps.clear();
    host.engine().builds().build(List.of(spec), steps::add);
    return told();
  }

  private List<String> told() {
    return steps.stream()
        .filter(step -> step.status().equals(Builds.NOT_CACHED))
        .map(step -> step.id() + ": " + step.text())
        .toList();
  }

  private void write(String name, String text) throws IOException {
    Path file = context.resolve(name);
    Files.createDirectories(file.resolveSibling("."));
    Files.writeString(file, text);
  }

  @Test
  void theFirstInputThatDiffersIsNamed() throws Exception {
    write("src/app.js", "1");
    write("src/lib/b.js", "1");
    BuildSpec spec = spec(DOCKERFILE);
    assertThat(reasons(spec)).hasSize(4).allMatch(line -> line.endsWith(": never built before"));
    assertThat(reasons(spec)).isEmpty();
    write("src/lib/b.js", "2");
    assertThat(reasons(spec))
        .containsExactly(
            "[web 3/5] COPY src/ /app: src/lib/b.js changed",
            "[web 4/5] RUN echo $V >/v: a step before it",
            "[web 5/5] RUN echo last >/last: a step before it");
    assertThat(reasons(spec.with().args(Map.of("V", "2")).build()))
        .startsWith("[web 4/5] RUN echo $V >/v: ARG V: 1, now 2")
        .hasSize(2);
    assertThat(reasons(spec(DOCKERFILE.replace("echo last", "echo other")))).hasSize(1);
    Files.setPosixFilePermissions(
        context.resolve("src/app.js"),
        java.nio.file.attribute.PosixFilePermissions.fromString("rwx------"));
    assertThat(reasons(spec).getFirst())
        .isEqualTo("[web 3/5] COPY src/ /app: permissions of src/app.js: 644, now 700");
    assertThat(reasons(spec(DOCKERFILE.replace("echo last", "echo else"))))
        .containsExactly("[web 5/5] RUN echo else >/last: the command changed");
    BuildSpec fresh = spec.with().cache(EXPLAINED.with().disabled(true).build()).build();
    assertThat(reasons(fresh)).hasSize(4).allMatch(line -> line.endsWith(": --no-cache"));
    BuildSpec silent = spec.with().cache(fresh.cache().with().explained(false).build()).build();
    assertThat(reasons(silent)).isEmpty();
  }

  @Test
  void whatAStageBringsIsNamedWithTheStage() throws Exception {
    String dockerfile =
        """
        FROM BASE AS made
        RUN mkdir /out && echo ONE >/out/one && echo two >/out/two
        FROM BASE
        COPY --from=made /out /out
        """;
    reasons(spec(dockerfile));
    assertThat(reasons(spec(dockerfile.replace("ONE", "other"))))
        .hasSize(2)
        .last()
        .asString()
        .endsWith("COPY --from=made /out /out: out/one changed");
  }

  /**
   * It is compared with the last build before, also when that broke off or was another engine's.
   */
  @Test
  void itOutlivesAFailureAndTheEngine() throws Exception {
    String dockerfile = "FROM BASE\nRUN echo survives >/a\nRUN test -e /etc/none\n";
    BuildSpec spec = spec(dockerfile);
    assertThatThrownBy(() -> reasons(spec)).isInstanceOf(JcomposeException.Conflict.class);
    host.reopen();
    assertThatThrownBy(() -> reasons(spec)).isInstanceOf(JcomposeException.Conflict.class);
    assertThat(told()).containsExactly("[web 3/3] RUN test -e /etc/none: it failed the last time");
    BuildSpec mended = spec(dockerfile.replace("test -e", "test ! -e"));
    assertThat(reasons(mended))
        .containsExactly("[web 3/3] RUN test ! -e /etc/none: the command changed");
  }

  @Test
  void aSecretIsNotKept() throws Exception {
    BuildSpec spec =
        spec("""
            FROM BASE
            ARG API_TOKEN
            RUN --mount=type=secret,id=b wc -c </run/secrets/b
            """)
            .with()
            .secrets(List.of(new BuildSpec.Secret("b", null, "s3cr3t-b")))
            .args(Map.of("API_TOKEN", "s3cr3t-token"))
            .build();
    reasons(spec);
    assertThat(EngineFixture.shell("cd " + host.root + "/state/build/inputs; ls | wc -l"))
        .isNotEqualTo("0\n");
    assertThat(
            EngineFixture.shell(
                "cd " + host.root + "/state/build/inputs; grep -rlF s3cr3t . ; echo looked"))
        .isEqualTo("looked\n");
    assertThat(reasons(spec.with().args(Map.of("API_TOKEN", "other")).build()).getFirst())
        .endsWith(": ARG API_TOKEN changed");
  }
}
