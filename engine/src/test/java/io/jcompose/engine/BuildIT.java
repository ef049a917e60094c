package io.jcompose.engine;

import static io.jcompose.engine.EngineFixture.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.Images.ImageView;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Progress;
import io.jcompose.core.Resources;
import io.jcompose.core.build.BuildSpec;
import io.jcompose.core.build.Builds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Images of Dockerfiles, with commands that run in containers. */
@Timeout(120)
class BuildIT {
  @RegisterExtension static final EngineFixture host = new EngineFixture();

  @TempDir Path context;
  private final List<Progress.Step> steps = Collections.synchronizedList(new ArrayList<>());

  private Builds.Built build(String dockerfile, String... tags) throws IOException {
    return build(spec(dockerfile, tags));
  }

  private BuildSpec spec(String dockerfile, String... tags) throws IOException {
    Files.writeString(context.resolve("Dockerfile"), dockerfile.replace("BASE", host.image));
    return BuildSpec.of("web", context).with().tags(List.of(tags)).build();
  }

  private Builds.Built build(BuildSpec spec) {
    steps.clear();
    return host.engine().builds().build(List.of(spec), steps::add).getFirst();
  }

  private List<String> rows(String status) {
    return steps.stream().filter(s -> s.status().equals(status)).map(Progress.Step::id).toList();
  }

  private List<String> printed() {
    return steps.stream()
        .filter(s -> s.status().equals(Builds.OUTPUT))
        .map(Progress.Step::text)
        .toList();
  }

  private ImageView image(Builds.Built built) {
    return host.engine().images().find(built.imageId()).orElseThrow();
  }

  /** What a script prints in a container of the image. */
  private String in(Builds.Built built, String script) {
    String id = host.run(new TestSpec("try", built.imageId()).sh(script));
    String log = host.log(id);
    host.containers().remove(id, true, true);
    return log;
  }

  @Test
  void commandsAndFilesBecomeLayers() throws Exception {
    Files.writeString(context.resolve("app.txt"), "from the context\n");
    Builds.Built built =
        build(
            """
            FROM BASE
            ARG WHO=nobody
            ENV GREETING="hello $WHO"
            WORKDIR /srv/app
            COPY app.txt ./
            RUN echo "$GREETING" >greeting && echo seen: $WHO && rm /etc/group
            CMD ["cat", "greeting"]
            """,
            "made:1");
    assertThat(built.cached()).isFalse();
    assertThat(printed()).containsExactly("seen: nobody");
    assertThat(rows("Done"))
        .containsExactly(
            "[web 2/4] WORKDIR /srv/app",
            "[web 3/4] COPY app.txt ./",
            "[web 4/4] RUN echo \"$GREETING\" >greeting && echo seen: $WHO && rm /etc/group");
    assertThat(image(built).references()).containsExactly("made:1");
    assertThat(image(built).workingDir()).isEqualTo("/srv/app");
    assertThat(image(built).command()).containsExactly("cat", "greeting");
    assertThat(in(built, "cat app.txt greeting; ls /etc/group 2>/dev/null; ls -A / | tr '\\n' ' '"))
        .startsWith("from the context\nhello nobody\n")
        .doesNotContain("/etc/group", ".dockerenv ");
  }

  @Test
  void whatHasNotChangedIsNotDoneAgain() throws Exception {
    Files.writeString(context.resolve("a"), "1");
    Files.writeString(context.resolve("b"), "1");
    String dockerfile =
        """
        FROM BASE
        COPY a /a
        RUN echo $(cat /a) >/made-of-a
        COPY b /b
        RUN echo $(cat /b) >/made-of-b
        """;
    Builds.Built first = build(dockerfile);
    Builds.Built same = build(dockerfile);
    assertThat(same).isEqualTo(new Builds.Built(first.imageId(), true));
    assertThat(rows("Cached")).hasSize(4);
    Files.writeString(context.resolve("b"), "2");
    Builds.Built changed = build(dockerfile);
    assertThat(rows("Cached")).hasSize(2);
    assertThat(rows("Done")).hasSize(2);
    assertThat(in(changed, "cat /made-of-a /made-of-b")).isEqualTo("1\n2\n");
    BuildSpec fresh =
        spec(dockerfile)
            .with()
            .cache(new BuildSpec.Cache(true, List.of(), false, false, List.of(), List.of()))
            .build();
    assertThat(build(fresh).cached()).isFalse();
    assertThat(rows("Cached")).isEmpty();
  }

  @Test
  void aFileThatIsMadeToLookUnchangedIsReadAgain() throws Exception {
    Path file = Files.writeString(context.resolve("a"), "1");
    FileTime time = FileTime.fromMillis(1_600_000_000_000L);
    Files.setLastModifiedTime(file, time);
    Instant made = Instant.now();
    await("its times to be old", () -> Instant.now().isAfter(made.plusSeconds(4)));
    String dockerfile = "FROM BASE\nCOPY a /a\n";
    build(dockerfile);
    assertThat(build(dockerfile).cached()).isTrue();
    Files.writeString(file, "2");
    Files.setLastModifiedTime(file, time);
    assertThat(in(build(dockerfile), "cat /a")).isEqualTo("2");
  }

  @Test
  void aCacheOutlivesTheEngine() throws Exception {
    String dockerfile = "FROM BASE\nRUN echo outlives >/x\n";
    Builds.Built first = build(dockerfile);
    host.reopen();
    assertThat(build(dockerfile)).isEqualTo(new Builds.Built(first.imageId(), true));
    assertThat(host.engine().builds().cache())
        .anySatisfy(entry -> assertThat(entry.description()).contains("echo outlives"));
    host.engine().images().remove(first.imageId(), true);
    assertThat(host.engine().builds().prune(Builds.Prune.ALL).reclaimedBytes()).isPositive();
    assertThat(build(dockerfile).cached()).isFalse();
  }

  @Test
  void onlyTheStagesThatAreNeededAreBuilt() throws Exception {
    Builds.Built built =
        build(
            """
            FROM BASE AS tools
            RUN mkdir /out && echo tool >/out/tool && chmod 755 /out/tool && chown 3:4 /out/tool
            FROM BASE AS never
            RUN false
            FROM scratch
            COPY --from=tools /out /bin
            COPY --from=0 --chown=7:8 --chmod=0640 /out/tool /other
            """);
    assertThat(rows("Done")).hasSize(3).noneMatch(row -> row.contains("false"));
    assertThat(image(built).env()).hasSize(1);
    Builds.Built seen =
        build("FROM " + built.imageId() + " AS it\nFROM BASE\nCOPY --from=it / /it/\n");
    assertThat(in(seen, "cd /it; stat -c '%n %u:%g %a' bin/tool other"))
        .isEqualTo("bin/tool 3:4 755\nother 7:8 640\n");
  }

  @Test
  void aFailedCommandSaysWhereAndWhat() throws Exception {
    BuildSpec spec = spec("FROM BASE\n\nRUN echo before && \\\n    echo bad >&2 && exit 7\n");
    assertThatThrownBy(() -> build(spec))
        .isInstanceOf(JcomposeException.Conflict.class)
        .hasMessageContaining("Dockerfile:3:1: process \"/bin/sh -c echo before &&")
        .hasMessageContaining("exit code: 7")
        .hasMessageContaining("before\nbad")
        .hasMessageContaining("   3 | >>> RUN echo before");
    assertThat(rows("Error")).hasSize(2);
    assertThat(host.containers().list(Map.of())).isEmpty();
  }

  @Test
  void mountsLeaveNothingInTheLayer() throws Exception {
    Files.writeString(context.resolve("key"), "of the context");
    BuildSpec spec =
        spec("""
                FROM BASE
                RUN --mount=type=secret,id=token \\
                    --mount=type=cache,target=/cache \\
                    --mount=type=bind,source=key,target=/mnt/key \\
                    --mount=type=tmpfs,target=/scratch \\
                    cat /run/secrets/token /mnt/key >/sum && echo x >>/cache/count && \\
                    wc -l </cache/count && touch /scratch/y
                """)
            .with()
            .secrets(List.of(new BuildSpec.Secret("token", null, "s3cr3t-value")))
            .build();
    Builds.Built built = build(spec);
    assertThat(printed()).containsExactly("1");
    assertThat(in(built, "ls -d /run/secrets /cache /mnt /scratch 2>/dev/null; wc -c </sum"))
        .isEqualTo("26\n");
    build(
        spec.with()
            .cache(new BuildSpec.Cache(true, List.of(), false, false, List.of(), List.of()))
            .build());
    assertThat(printed()).containsExactly("2"); // the cache is kept
  }

  @Test
  void aSecretIsInNoRecordWhileItsStepRuns() throws Exception {
    BuildSpec spec =
        spec("""
                FROM BASE
                RUN --mount=type=secret,id=b echo running && wc -c </run/secrets/b
                """)
            .with()
            .secrets(List.of(new BuildSpec.Secret("b", null, "s3cr3t-b")))
            .build();
    List<String> found = new ArrayList<>();
    host.engine()
        .builds()
        .build(
            List.of(spec),
            step -> {
              if (step.text().equals("running")) {
                found.add(
                    // -s: what is written beside goes while grep looks.
                    EngineFixture.shell(
                        "cd " + host.root + "/state && { grep -rlsF s3cr3t .; echo looked; }"));
              }
            });
    assertThat(found).containsExactly("looked\n");
  }

  @Test
  void aFileGoesByTheNameThatWasAskedForIntoAFolderThatIsThere() throws Exception {
    Files.writeString(context.resolve("one"), "same");
    Files.writeString(context.resolve("two"), "same");
    Files.createSymbolicLink(context.resolve("link"), Path.of("one"));
    String into = "FROM BASE\nRUN mkdir /d\nCOPY %s /d\n";
    for (String name : List.of("one", "two", "link")) {
      assertThat(in(build(into.formatted(name)), "ls /d; cat /d/*")).isEqualTo(name + "\nsame");
    }
  }

  @Test
  void stepsHaveLimits() throws Exception {
    BuildSpec spec =
        spec(
            """
            FROM BASE
            RUN cd /sys/fs/cgroup; cat memory/memory.limit_in_bytes memory.max 2>/dev/null; \\
                cat cpu/cpu.cfs_quota_us 2>/dev/null || cut -d' ' -f1 cpu.max
            """);
    Resources limits =
        Resources.UNLIMITED.with().memoryBytes(64 << 20).cpuQuotaMicros(50_000).build();
    build(spec.with().steps(spec.steps().with().limits(limits).build()).build());
    assertThat(printed()).containsExactly(String.valueOf(64 << 20), "50000");
  }

  /** Two stores give the same image, whenever they make its metadata and its layers. */
  @Test
  void anImageIsAsOfTheTimeThatIsAskedFor() throws Exception {
    String text = "ARG SOURCE_DATE_EPOCH=7\nFROM BASE\nRUN echo x >/x\nENV A=b\n";
    BuildSpec spec = spec(text).with().args(Map.of("SOURCE_DATE_EPOCH", "1000000000")).build();
    String asked = config(build(spec));
    assertThat(asked).contains("\"created\":\"2001-09-09T01:46:40Z\"");
    assertThat(asked.split("2001-09-09T01:46:40Z", -1)).hasSizeGreaterThanOrEqualTo(4);
    assertThat(config(build(spec(text)))).contains("\"created\":\"1970-01-01T00:00:07Z\"");
    BuildSpec wrong = spec(text).with().args(Map.of("SOURCE_DATE_EPOCH", "today")).build();
    assertThatThrownBy(() -> build(wrong)).hasMessageContaining("\"today\"");
  }

  private String config(Builds.Built built) {
    return host.engine().images().details(built.imageId()).orElseThrow().config();
  }

  @Test
  void anImageIsNotFoundByTheFirstDigitsOfItsId() throws Exception {
    String id = build("FROM BASE\nLABEL x=1\n").imageId().substring("sha256:".length());
    BuildSpec spec = spec("FROM " + id.substring(0, 6) + "\n");
    assertThatThrownBy(() -> build(spec)).hasMessageContaining(id.substring(0, 6));
  }

  @Test
  void aFileBehindALinkIsCalledAsTheLink() throws Exception {
    Files.writeString(context.resolve("real"), "x");
    Files.createSymbolicLink(context.resolve("link-1"), Path.of("real"));
    Builds.Built built = build("FROM BASE\nRUN mkdir /d\nCOPY link-1 /d\nCOPY lin* /e/\n");
    assertThat(in(built, "ls /d /e; cat /d/link-1")).isEqualTo("/d:\nlink-1\n\n/e:\nlink-1\nx");
  }

  @Test
  void heredocsAndOnbuild() throws Exception {
    Builds.Built base =
        build(
            """
            FROM BASE
            ONBUILD RUN echo triggered >/triggered
            COPY <<one <<-"two" /files/
            $PATH
            one
            	plain $PATH
            two
            RUN <<EOF
            echo first >/lines
            echo second >>/lines
            EOF
            """,
            "triggers:1");
    assertThat(in(base, "cat /files/two /lines; ls /triggered 2>/dev/null"))
        .isEqualTo("plain $PATH\nfirst\nsecond\n");
    Builds.Built child = build("FROM triggers:1\n");
    assertThat(in(child, "cat /triggered")).isEqualTo("triggered\n");
  }

  @Test
  void linksOfAnImageLeadNowhereOutside() throws Exception {
    Path outside = Files.createDirectory(context.resolve("outside"));
    Files.createDirectory(context.resolve("in"));
    Files.writeString(context.resolve("in/file"), "x");
    Files.createSymbolicLink(context.resolve("in/up"), Path.of("../../../../../../etc/passwd"));
    Builds.Built built =
        build(
            """
            FROM BASE
            RUN ln -s %s /away && ln -s /../../../.. /up
            COPY in /away/
            COPY in/file /up/climbed
            """
                .formatted(outside));
    try (var files = Files.list(outside)) {
      assertThat(files).isEmpty();
    }
    assertThat(in(built, "cat /climbed; readlink %s/up".formatted(outside)))
        .isEqualTo("x../../../../../../etc/passwd\n");
  }

  @Test
  void buildsOfOneCallUseEachOther() throws Exception {
    Files.writeString(
        context.resolve("Dockerfile"), "FROM " + host.image + "\nRUN echo lib >/lib.txt\n");
    BuildSpec lib = BuildSpec.of("lib", context);
    BuildSpec app =
        BuildSpec.of("app", context)
            .with()
            .dockerfileText("FROM base\nRUN cat /lib.txt\nCOPY --from=base /lib.txt /copy\n")
            .contexts(Map.of("base", "target:lib"))
            .build();
    List<Builds.Built> built = host.engine().builds().build(List.of(app, lib), steps::add);
    assertThat(built).hasSize(2);
    assertThat(printed()).containsExactly("lib");
    BuildSpec ring = lib.with().contexts(Map.of("x", "target:app")).build();
    assertThatThrownBy(() -> host.engine().builds().build(List.of(app, ring), Progress.NONE))
        .hasMessage("builds need each other: app -> lib -> app");
  }
}
