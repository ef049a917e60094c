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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What builds do not do: because it would be wrong, too much, or another's. */
@Timeout(120)
class BuildRefusalsIT {
  @RegisterExtension static final EngineFixture host = new EngineFixture();

  @TempDir Path context;
  private final List<Progress.Step> steps = Collections.synchronizedList(new ArrayList<>());

  private BuildSpec spec(String dockerfile) throws IOException {
    Files.writeString(context.resolve("Dockerfile"), dockerfile.replace("BASE", host.image));
    return BuildSpec.of("web", context);
  }

  private Builds.Built build(BuildSpec spec, Progress progress) {
    return host.engine().builds().build(List.of(spec), progress).getFirst();
  }

  private Builds.Built build(String dockerfile) throws IOException {
    return build(spec(dockerfile), steps::add);
  }

  private String in(Builds.Built built, String script) {
    String id = host.run(new TestSpec("try", built.imageId()).sh(script));
    String log = host.log(id);
    host.containers().remove(id, true, true);
    return log;
  }

  /** The last moment before a step works is when it is told of. */
  private Progress changingWhile(String step, String file) {
    return report -> {
      if (report.id().contains(step) && report.status().equals("Building")) {
        try {
          Files.writeString(context.resolve(file), "changed");
        } catch (IOException e) {
          throw new IllegalStateException(e);
        }
      }
    };
  }

  @Test
  void whatChangesWhileItIsCopiedIsNotKept() throws Exception {
    Files.createDirectories(context.resolve("dir"));
    Files.writeString(context.resolve("dir/file"), "first");
    for (String step : List.of("COPY dir /dir", "COPY dir/file /file", "ADD dir /dir")) {
      BuildSpec spec = spec("FROM BASE\n" + step + "\n");
      Files.writeString(context.resolve("dir/file"), "first");
      assertThatThrownBy(() -> build(spec, changingWhile(step, "dir/file")))
          .isInstanceOf(JcomposeException.Conflict.class)
          .hasMessageContaining("was changed while it was copied; build again");
      Files.writeString(context.resolve("dir/file"), "first");
      Builds.Built built = build(spec, steps::add);
      assertThat(built.cached()).isFalse();
      assertThat(in(built, "cat /dir/file /file 2>/dev/null")).isEqualTo("first");
    }
  }

  @Test
  void whatChangesWhileItIsUnpackedIsNotKept() throws Exception {
    String archive =
        "cd " + context + " && mkdir -p in && echo x >in/x && tar cf a.tar in; echo ok";
    assertThat(EngineFixture.shell(archive)).isEqualTo("ok\n");
    BuildSpec spec = spec("FROM BASE\nADD a.tar /\n");
    byte[] first = Files.readAllBytes(context.resolve("a.tar"));
    Progress changing =
        report -> {
          if (report.id().contains("ADD") && report.status().equals("Building")) {
            EngineFixture.shell("cd " + context + " && echo y >in/x && tar cf a.tar in");
          }
        };
    assertThatThrownBy(() -> build(spec, changing))
        .isInstanceOf(JcomposeException.Conflict.class)
        .hasMessageContaining("/a.tar of the build context")
        .hasMessageContaining("was changed while it was copied");
    Files.write(context.resolve("a.tar"), first);
    assertThat(in(build(spec, steps::add), "cat /in/x")).isEqualTo("x\n");
  }

  @Test
  void whatChangesBeforeItIsMountedIsNotKept() throws Exception {
    Files.writeString(context.resolve("file"), "first");
    BuildSpec spec = spec("FROM BASE\nRUN --mount=type=bind,target=/c cat /c/file >/copy\n");
    assertThatThrownBy(() -> build(spec, changingWhile("RUN", "file")))
        .isInstanceOf(JcomposeException.Conflict.class)
        .hasMessageContaining("was changed while it was copied");
    Files.writeString(context.resolve("file"), "first");
    assertThat(in(build(spec, steps::add), "cat /copy")).isEqualTo("first");
  }

  @Test
  void aLinkBringsInNothingThatIsLeftOut() throws Exception {
    Files.createDirectories(context.resolve("private"));
    Files.writeString(context.resolve("private/key"), "secret");
    Files.writeString(context.resolve(".dockerignore"), "private\n!private/open\n");
    Files.writeString(context.resolve("private/open"), "open");
    Files.createSymbolicLink(context.resolve("key"), Path.of("private/key"));
    Files.createSymbolicLink(context.resolve("dir"), Path.of("private"));
    for (String word : List.of("key", "dir/key", "private/key")) {
      BuildSpec spec = spec("FROM BASE\nCOPY " + word + " /got\n");
      assertThatThrownBy(() -> build(spec, steps::add))
          .isInstanceOf(JcomposeException.NotFound.class)
          .hasMessageContaining("(.dockerignore leaves it out)");
    }
    Builds.Built built = build("FROM BASE\nCOPY dir /got/\nCOPY k* d*/k* /got/\n");
    assertThat(in(built, "ls /got")).isEqualTo("open\n");
  }

  @Test
  void namesThatMarkRemovedFilesAreRefused() throws Exception {
    for (String command : List.of("touch /etc/.wh.passwd", "mkdir /.wh..wh..opq")) {
      BuildSpec spec = spec("FROM BASE\nRUN " + command + "\n");
      assertThatThrownBy(() -> build(spec, steps::add))
          .hasMessageContaining(": a layer can have no file whose name begins with .wh.");
    }
    Files.writeString(context.resolve(".wh.x"), "x");
    assertThatThrownBy(() -> build("FROM BASE\nCOPY . /x/\n")).hasMessageContaining("/x/.wh.x");
  }

  @Test
  void whatIsMissingIsSaidBeforeAnythingIsDone() throws Exception {
    BuildSpec good = spec("FROM BASE\nRUN echo done\n");
    BuildSpec bad =
        good.with()
            .name("bad")
            .secrets(List.of(new BuildSpec.Secret("k", context.resolve("none"), null)))
            .build();
    assertThatThrownBy(() -> host.engine().builds().build(List.of(good, bad), steps::add))
        .isInstanceOf(JcomposeException.NotFound.class)
        .hasMessageContaining("secret k of bad");
    assertThat(steps).isEmpty();
  }

  @Test
  void aFewLinesCannotTakeAllMemory() throws Exception {
    String doubled = "ENV A=0123456789abcdef\n" + "ENV A=$A$A\n".repeat(30);
    assertThatThrownBy(() -> build("FROM BASE\n" + doubled)).hasMessageContaining(" characters");
    String big = "ENV A=0123456789abcdef\n" + "ENV A=$A$A\n".repeat(15);
    assertThatThrownBy(() -> build("FROM BASE\n" + big + "LABEL a=$A\nLABEL b=$A\nLABEL c=$A\n"))
        .hasMessageContaining("the image's configuration and history would have more than");
    String half = "ENV A=0123456789abcdef\n" + "ENV A=$A$A\n".repeat(14);
    StringBuilder stages = new StringBuilder("FROM BASE AS s0\n" + half);
    for (int i = 1; i < 1000; i++) {
      stages.append("FROM s0 AS s%d\n".formatted(i));
    }
    stages.append("FROM BASE\n");
    for (int i = 1; i < 1000; i++) {
      stages.append("COPY --from=s%d /etc/group /g\n".formatted(i));
    }
    assertThatThrownBy(() -> build(stages.toString()))
        .hasMessageContaining("together have more than");
    String args = "ARG A=0123456789abcdef\n" + "ARG A=$A$A\n".repeat(30);
    assertThatThrownBy(() -> build(args + "FROM BASE\n"))
        .isInstanceOf(JcomposeException.InvalidArgument.class);
  }

  @Test
  void twoFilesCannotBecomeOne() throws Exception {
    Files.writeString(context.resolve("a"), "a");
    Files.writeString(context.resolve("b"), "b");
    for (String words : List.of("a b", "[ab]", "$ALL", "a <<b")) {
      String end = words.contains("<<") ? "b\n" : "";
      BuildSpec spec = spec("FROM BASE\nARG ALL=*[ab]\nCOPY " + words + " /two\n" + end);
      assertThatThrownBy(() -> build(spec, steps::add))
          .hasMessageContaining("the destination must be a directory and end with a /");
    }
    Builds.Built built =
        build("FROM BASE\nARG ONE=[a]\nWORKDIR /w\nCOPY a b /w\nCOPY $ONE /one\nCOPY a b /d/\n");
    assertThat(in(built, "ls /w /d; cat /one")).isEqualTo("/d:\na\nb\n\n/w:\na\nb\na");
  }

  @Test
  void whatIsRetiredGoesWithoutHarmToBuilds() throws Exception {
    String dockerfile = "FROM BASE\nRUN --mount=type=cache,target=/c echo x >>/c/n; wc -l </c/n\n";
    BuildSpec spec =
        spec(dockerfile)
            .with()
            .cache(new BuildSpec.Cache(true, List.of(), false, false, List.of(), List.of()))
            .build();
    build(spec, steps::add);
    Progress pruning =
        report -> {
          if (report.status().equals(Builds.OUTPUT)) {
            assertThat(host.engine().builds().prune(Builds.Prune.ALL)).isNotNull();
          }
        };
    build(spec, pruning);
    build(spec, steps::add);
    assertThat(printed()).containsExactly("1", "3");
    host.engine().builds().prune(Builds.Prune.ALL);
    build(spec, steps::add);
    assertThat(printed()).containsExactly("1", "3", "1");
  }

  @Test
  void stepsAreForgottenByWhatIsKnownOfThem() throws Exception {
    build("FROM BASE\nRUN echo kept >/kept\nRUN echo gone >/gone\n");
    host.engine().images().prune(false);
    Builds.Prune gone =
        new Builds.Prune(step -> step.description().contains("echo gone"), 0, false);
    assertThat(host.engine().builds().prune(gone).removed()).hasSize(1);
    assertThat(host.engine().builds().cache())
        .anyMatch(step -> step.description().contains("echo kept"))
        .noneMatch(step -> step.description().contains("echo gone"));
  }

  @Test
  void aLockedCacheHasOneStepAtATime() throws Exception {
    String busy =
        "RUN --mount=type=cache,id=one,sharing=locked,target=/c"
            + " mkdir /c/busy && for i in $(busybox seq 200); do : $(busybox true); done;"
            + " rmdir /c/busy || exit 1; echo %s >/%s\n";
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 4; i++) {
      text.append("FROM BASE AS s%d\n".formatted(i)).append(busy.formatted(i, "made"));
    }
    text.append("FROM BASE\n");
    for (int i = 0; i < 4; i++) {
      text.append("COPY --from=s%d /made /made%d\n".formatted(i, i));
    }
    assertThat(in(build(text.toString()), "cat /made0 /made3")).isEqualTo("0\n3\n");
  }

  private List<String> printed() {
    return steps.stream()
        .filter(s -> s.status().equals(Builds.OUTPUT))
        .map(Progress.Step::text)
        .toList();
  }
}
