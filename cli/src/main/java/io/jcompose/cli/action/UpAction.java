package io.jcompose.cli.action;

import io.jcompose.cli.command.Invocation;
import io.jcompose.cli.request.Engines;
import io.jcompose.cli.request.NeededLogins;
import io.jcompose.cli.request.ProjectRequest;
import io.jcompose.cli.terminal.CommandFailure;
import io.jcompose.cli.terminal.Console;
import io.jcompose.cli.terminal.Consoles;
import io.jcompose.cli.view.ControlLines;
import io.jcompose.cli.view.ProgressViews;
import io.jcompose.cli.wire.Frames;
import io.jcompose.cli.wire.HttpAnswer;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * {@code jcompose up}: detached it only shows progress; attached it shows the logs until all ends.
 * As long as images are pulled and built, Ctrl-C gives it up, and what ran before runs on. Later
 * the first stops the project gracefully, while its logs go on, which is done with 0 at a terminal;
 * the second kills it.
 */
final class UpAction {
  private static final int INTERRUPTED = 130;
  private static final String CANCELED = "canceled\n";

  private final Invocation invocation;
  private final Console console = Consoles.current();
  private final CountDownLatch accepted = new CountDownLatch(1);
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile boolean begun;
  private volatile boolean canceled;
  private volatile boolean stopping;
  private volatile boolean killing;
  private volatile @Nullable HttpAnswer taken;

  private UpAction(Invocation invocation) {
    this.invocation = invocation;
  }

  static int run(Invocation invocation) throws IOException {
    check(invocation);
    if (invocation.has("detach")
        || invocation.has("wait")
        || invocation.has("no-start")
        || invocation.isDry()) {
      return ProgressAction.run(invocation);
    }
    return new UpAction(invocation).attached();
  }

  private static void check(Invocation invocation) {
    boolean background = invocation.has("detach") || invocation.has("wait");
    boolean abort =
        invocation.has("abort-on-container-exit")
            || invocation.has("abort-on-container-failure")
            || !invocation.text("exit-code-from").isEmpty();
    boolean attach = invocation.has("attach-dependencies") || !invocation.text("attach").isEmpty();
    if (background && (abort || attach)) {
      throw new CommandFailure(
          "--detach and --wait cannot be combined with --abort-on-container-exit,"
              + " --abort-on-container-failure, --exit-code-from, --attach or"
              + " --attach-dependencies",
          1);
    }
    if (invocation.has("attach-dependencies") && !invocation.text("attach").isEmpty()) {
      throw new CommandFailure("cannot combine --attach and --attach-dependencies", 1);
    }
    if (invocation.has("no-recreate")
        && (invocation.has("force-recreate")
            || invocation.has("always-recreate-deps")
            || invocation.has("renew-anon-volumes"))) {
      throw new CommandFailure(
          "--no-recreate cannot be combined with --force-recreate, --always-recreate-deps or"
              + " --renew-anon-volumes",
          1);
    }
  }

  private int attached() throws IOException {
    console.onInterrupt(this::interrupted);
    Map<String, Object> extra = new LinkedHashMap<>(NeededLogins.of(invocation, "up"));
    extra.put("attached", true); // the answer has the logs too
    extra.put("colour", invocation.hasColour(1) && !invocation.has("no-color"));
    String request = ProjectRequest.text(invocation, extra);
    try (HttpAnswer answer = Engines.of(invocation).post("/jcompose/v1/up", request, false);
        ControlLines lines = new ControlLines(ProgressViews.of(invocation, "Running"))) {
      taken = answer;
      accepted.countDown();
      read(answer, lines);
      if (canceled) {
        lines.endView();
        console.complain(CANCELED);
        return INTERRUPTED;
      }
      ended.countDown();
      if (stopping) {
        awaitStop();
      }
      return lines.exitCode();
    } finally { // who stops it goes on for no longer
      ended.countDown();
      accepted.countDown();
    }
  }

  /** To its end, or until it is given up or stopped. */
  private void read(HttpAnswer answer, ControlLines lines) throws IOException {
    OutputStream out = console.out();
    OutputStream err = console.err();
    try {
      Frames.read(
          answer,
          (stream, bytes) -> {
            if (stopping) {
              lines.endView();
            }
            if (stream == Frames.CONTROL) {
              if (!stopping) { // that it gave way to the stop is no news
                lines.accept(new String(bytes, StandardCharsets.UTF_8));
                begun = lines.isBegun();
              }
            } else {
              (stream == Frames.STDERR ? err : out).write(bytes);
            }
            return !canceled && (stopping || !lines.isEnded());
          });
    } catch (IOException e) {
      if (!canceled) {
        throw e;
      }
    }
  }

  /** The thread that stops the project ends the process. */
  private static void awaitStop() {
    try {
      Thread.currentThread().join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void interrupted(int count) {
    if (!begun) {
      cancel(count);
      return;
    }
    stopping = true;
    if (count == 1) {
      announce();
    }
    killing = count > 1;
    String what = count == 1 ? "stop" : "kill";
    if (count <= 2) {
      Consoles.start(console, what, () -> end(what));
    }
  }

  /** The engine gives up what nobody waits for. */
  private void cancel(int count) {
    HttpAnswer answer = taken;
    canceled = true;
    if (answer != null && count == 1) {
      answer.close();
    } else {
      console.complain(CANCELED);
      console.end(INTERRUPTED);
    }
  }

  private void announce() {
    try {
      console.say("Gracefully Stopping... press Ctrl+C again to force\n");
    } catch (IOException e) {
      // nobody reads it
    }
  }

  private void end(String what) {
    boolean isDone = false;
    try {
      if (what.equals("kill") && accepted.getCount() > 0) {
        return; // nothing is begun that one could kill
      }
      accepted.await();
      if (what.equals("stop") && ended.getCount() == 0) {
        return;
      }
      do {
        post(what);
        // A stop that was quicker than what it stops has to be told again.
      } while (what.equals("stop") && !ended.await(1, TimeUnit.SECONDS));
      isDone = true;
    } catch (IOException | CommandFailure e) {
      console.complain(e.getMessage() + "\n");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      console.end(isDone && isGraceful() ? 0 : INTERRUPTED);
    }
  }

  /** As Docker Compose, whose reader of keys takes Ctrl-C at a terminal: it is a way to end it. */
  private boolean isGraceful() {
    return !killing && console.isTerminal(0) && console.isTerminal(1);
  }

  private void post(String what) throws IOException {
    Map<String, Object> options = new LinkedHashMap<>();
    if (what.equals("stop") && !invocation.text("timeout").isEmpty()) {
      options.put("timeout", invocation.text("timeout"));
    }
    // Lines, because the containers' last words come in between.
    ProgressAction.run(
        invocation,
        what,
        ProjectRequest.text(invocation, Map.of("options", options)),
        ProgressViews.lines(invocation));
  }
}
