package io.jcompose.api.container;

import io.jcompose.api.answer.ApiError;
import io.jcompose.api.answer.FrameOutput;
import io.jcompose.api.answer.ProgressLines;
import io.jcompose.api.http.Exchange;
import io.jcompose.api.http.HijackedStream;
import io.jcompose.api.request.CommandRequest;
import io.jcompose.core.Containers;
import io.jcompose.core.Progress;
import io.jcompose.core.StreamSession;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Builds with {@code --debug-shell}: the client lends its terminal, over a connection of frames
 * both ways, to a shell in the container of a command that fails. Thread-safe.
 */
public final class DebuggedBuild {
  private final Containers containers;

  public DebuggedBuild(Containers containers) {
    this.containers = containers;
  }

  /** A command that builds. */
  public interface Work {
    void run(CommandRequest request, ProgressLines progress);
  }

  /** Whether a request is one. */
  public static boolean isMeant(CommandRequest request) {
    return request.has("debug-shell");
  }

  public void answer(Exchange exchange, CommandRequest request, Work work) throws IOException {
    try (HijackedStream stream = exchange.hijack(FrameOutput.TYPE)) {
      FrameOutput output = new FrameOutput(stream.output());
      LentTerminal terminal = new LentTerminal(request, output);
      ProgressLines progress = new ProgressLines(output::control, request.logins(), terminal);
      terminal.use(progress, new ProgramInput(containers, stream, output, progress::gone));
      try {
        work.run(request.warning(progress::warn), progress);
        progress.send(Map.of("exitCode", 0));
      } catch (RuntimeException e) {
        ApiError.log(e);
        progress.send(ApiError.members(e));
      } finally {
        progress.gone();
      }
    }
  }

  /** The client's terminal. Thread-safe. */
  private static final class LentTerminal implements Progress.Terminal {
    private final CommandRequest request;
    private final FrameOutput output;
    private final AtomicBoolean taken = new AtomicBoolean();
    private final CompletableFuture<ProgressLines> progress = new CompletableFuture<>();
    private final CompletableFuture<ProgramInput> input = new CompletableFuture<>();

    LentTerminal(CommandRequest request, FrameOutput output) {
      this.request = request;
      this.output = output;
    }

    /** Begins to read what the client sends. */
    void use(ProgressLines lines, ProgramInput from) {
      progress.complete(lines);
      input.complete(from);
      from.start();
    }

    @Override
    public boolean take() {
      return taken.compareAndSet(false, true);
    }

    @Override
    public void converse(String about, String container, StreamSession session) {
      progress.join().send(Map.of("report", about));
      try {
        output.control(Map.of("attached", true, "tty", true));
        if (request.size("rows") > 0) {
          session.resize(request.size("rows"), request.size("columns"));
        }
        input.join().connect(session, container);
        session.pump(output::write);
      } catch (IOException e) {
        progress.join().gone(); // so is the client
        throw new UncheckedIOException(e);
      }
    }
  }
}
