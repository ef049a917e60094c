package io.jcompose.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.JcomposeException;
import io.jcompose.core.Progress;
import io.jcompose.core.StreamSession;
import io.jcompose.core.build.BuildSpec;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A shell in the container of a command that failed. */
@Timeout(120)
class BuildShellIT {
  @RegisterExtension static final EngineFixture host = new EngineFixture();

  @TempDir Path context;

  /** A person who types a script, or only looks. */
  private static final class Person implements Progress.Terminal, Progress {
    private final String script;
    private final AtomicBoolean taken = new AtomicBoolean();
    private final ByteArrayOutputStream seen = new ByteArrayOutputStream();
    private final CountDownLatch inside = new CountDownLatch(1);
    private volatile Runnable leave = () -> {};
    private volatile String about = "";

    Person(String script) {
      this.script = script;
    }

    @Override
    public void report(Step step) {}

    @Override
    public Progress.Terminal terminal() {
      return this;
    }

    @Override
    public void onGone(Runnable action) {
      leave = action;
    }

    @Override
    public boolean take() {
      return taken.compareAndSet(false, true);
    }

    @Override
    public void converse(String told, String container, StreamSession session) {
      about = told;
      try {
        session.stdin().write(script.getBytes(StandardCharsets.UTF_8));
        session.stdin().flush();
        inside.countDown();
        session.pump((stream, bytes, offset, length) -> seen.write(bytes, offset, length));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    String seen() {
      return seen.toString(StandardCharsets.UTF_8).replace("\r", "");
    }
  }

  private BuildSpec spec(String dockerfile) throws IOException {
    Files.writeString(context.resolve("Dockerfile"), dockerfile.replace("BASE", host.image));
    return BuildSpec.of("web", context);
  }

  private void build(BuildSpec spec, Person person) {
    host.engine().builds().build(List.of(spec), person);
  }

  @Test
  void thePersonFindsWhatTheCommandLeft() throws Exception {
    Files.writeString(context.resolve("given"), "of the context");
    BuildSpec spec =
        spec("""
            FROM BASE
            ARG V=1
            ENV E=2
            WORKDIR /srv
            RUN --mount=type=bind,source=given,target=/mnt/given \\
                --mount=type=secret,id=s --mount=type=cache,target=/cache \\
                echo half >made; echo c >/cache/kept; exit 7
            """)
            .with()
            .secrets(List.of(new BuildSpec.Secret("s", null, "s3cr3t")))
            .build();
    Person person =
        new Person(
            """
            stty -echo
            echo "see $(cat made /mnt/given /run/secrets/s /cache/kept | tr '\\n' ' ') $V $E"
            pwd; test -t 0 && echo on a terminal; rm made; exit 3
            """);
    assertThatThrownBy(() -> build(spec, person))
        .isInstanceOf(JcomposeException.CommandFailed.class)
        .hasFieldOrPropertyWithValue("exitCode", 7)
        .hasMessageContaining("exit code: 7")
        .hasMessageContaining("Dockerfile:5:1");
    assertThat(person.about).contains("exit code 7", "/bin/sh");
    assertThat(person.seen())
        .contains("see half of the contexts3cr3tc  1 2\n", "/srv\n", "on a terminal\n");
    assertThat(host.containers().list(Map.of())).isEmpty();
    assertThatThrownBy(() -> host.engine().builds().build(List.of(spec), Progress.NONE))
        .isInstanceOf(JcomposeException.Conflict.class)
        .hasMessageContaining("exit code: 7"); // nothing is remembered
  }

  @Test
  void theShellIsThatOfTheStage() throws Exception {
    Person person = new Person("echo \"I am $0\"; exit\n");
    String dockerfile =
        """
        FROM BASE
        RUN cp /bin/busybox /bin/own 2>/dev/null || cp /bin/sh /bin/own
        SHELL ["/bin/sh", "-x", "-c"]
        RUN false
        """;
    assertThatThrownBy(() -> build(spec(dockerfile), person)).hasMessageContaining("exit code: 1");
    assertThat(person.seen()).contains("I am /bin/sh\n");
  }

  @Test
  void itGoesWithThePerson() throws Exception {
    Person person = new Person("");
    Thread leaving =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    person.inside.await();
                    person.leave.run();
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                });
    assertThatThrownBy(() -> build(spec("FROM BASE\nRUN exit 5\n"), person))
        .isInstanceOf(JcomposeException.class);
    leaving.join();
    assertThat(host.containers().list(Map.of())).isEmpty();
  }

  @Test
  void aStageWithoutAShellHasNone() throws Exception {
    Person person = new Person("exit\n");
    String dockerfile =
        """
        FROM BASE AS tools
        FROM scratch
        COPY --from=tools /bin/busybox /only
        RUN ["/only", "false"]
        """;
    assertThatThrownBy(() -> build(spec(dockerfile), person)).hasMessageContaining("exit code: 1");
    assertThat(person.about).isEmpty();
  }

  /** Of two that fail at once one gets the person; both builds end. */
  @Test
  void aPersonHasOneTerminal() throws Exception {
    Person person = new Person("exit\n");
    String dockerfile =
        """
        FROM BASE AS one
        RUN exit 4
        FROM BASE AS two
        RUN exit 4
        FROM BASE
        COPY --from=one / /a
        COPY --from=two / /b
        """;
    assertThatThrownBy(() -> build(spec(dockerfile), person)).hasMessageContaining("exit code: 4");
    assertThat(host.containers().list(Map.of())).isEmpty();
  }
}
