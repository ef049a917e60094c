package io.jcompose.cli.archive;

import io.jcompose.cli.command.Invocation;
import io.jcompose.cli.request.Engines;
import io.jcompose.cli.request.ProjectRequest;
import io.jcompose.cli.terminal.CommandFailure;
import io.jcompose.cli.terminal.Consoles;
import io.jcompose.cli.view.ControlLines;
import io.jcompose.cli.view.ProgressViews;
import io.jcompose.cli.wire.Frames;
import io.jcompose.cli.wire.HttpAnswer;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;

/** Archives from the engine and to it; local files are of whoever runs the command. Stateless. */
public final class ArchiveStreams {
  private ArchiveStreams() {}

  /** Writes what is sent. */
  public interface Source {
    void writeTo(OutputStream out) throws IOException;
  }

  /**
   * Receives an archive into the file of {@code --output}, which is whole or not there, or to
   * standard output.
   *
   * @param refusal told where that is a terminal
   */
  public static int receive(Invocation invocation, String endpoint, String refusal)
      throws IOException {
    String file = invocation.text("output");
    if (!file.isEmpty()) {
      Consoles.current().requireOwn();
    }
    if (file.isEmpty() && Consoles.current().isTerminal(1)) {
      throw new CommandFailure(refusal, 1);
    }
    return receive(invocation, endpoint, ProjectRequest.text(invocation, Map.of()), file);
  }

  /**
   * As {@link #receive(Invocation, String, String)}.
   *
   * @param file of the caller; empty for standard output
   */
  public static int receive(Invocation invocation, String endpoint, String request, String file)
      throws IOException {
    try (HttpAnswer answer =
            Engines.of(invocation).post("/jcompose/v1/" + endpoint, request, false);
        ControlLines lines = new ControlLines(ProgressViews.of(invocation, "Exporting"))) {
      if (file.isEmpty()) {
        new FramesInput(answer, lines).transferTo(Consoles.current().out());
        return lines.exitCode();
      }
      return intoFile(new FramesInput(answer, lines), lines, file);
    }
  }

  /**
   * The same into a file as a shell's {@code >} writes: through links, into what is there. A new
   * file is whole or not there.
   */
  public static int write(Invocation invocation, String endpoint, String request, String file)
      throws IOException {
    Path path = Path.of(Consoles.current().folder()).resolve(file).normalize();
    try (HttpAnswer answer =
            Engines.of(invocation).post("/jcompose/v1/" + endpoint, request, false);
        ControlLines lines = new ControlLines(ProgressViews.of(invocation, "Exporting"))) {
      FramesInput input = new FramesInput(answer, lines);
      boolean isNew = !Files.exists(path, LinkOption.NOFOLLOW_LINKS);
      Path part = isNew ? path.resolveSibling(".jcompose-" + UUID.randomUUID() + ".part") : path;
      try {
        try (OutputStream out = CallersFile.open(part, path)) {
          input.transferTo(out);
        }
        if (isNew && lines.exitCode() == 0) {
          CallersFile.rename(part, path);
        }
      } finally {
        if (isNew) {
          Files.deleteIfExists(part);
        }
      }
      return lines.exitCode();
    }
  }

  /**
   * A device must not be replaced by a file. LocalFiles needs more than the jars that a command
   * without files is started with.
   */
  private static int intoFile(FramesInput input, ControlLines lines, String file)
      throws IOException {
    Path path = Path.of(Consoles.current().folder()).resolve(file).normalize();
    boolean taken = Files.exists(path) && !Files.isRegularFile(path);
    if (taken || !Files.isDirectory(path.resolveSibling("."))) {
      throw new CommandFailure(
          "cannot write to " + path + ": give a regular file in a directory that exists", 1);
    }
    // A new file, for others may write to the directory too; of mode 0600, as Docker's.
    Path part = CallersFile.temporary(path);
    try {
      try (OutputStream out = CallersFile.open(part, path)) {
        input.transferTo(out);
      }
      if (lines.exitCode() == 0) {
        CallersFile.rename(part, path);
      }
    } finally {
      Files.deleteIfExists(part);
    }
    return lines.exitCode();
  }

  /** What is made of the end, which is known then. */
  public interface Result {
    int of(ControlLines lines) throws IOException;
  }

  /** Sends an archive, and shows what is said of it. */
  public static int send(Invocation invocation, String endpoint, String request, Source source)
      throws IOException {
    return send(invocation, endpoint, request, source, "Copying", ControlLines::exitCode);
  }

  /**
   * The same.
   *
   * @param title of the progress
   */
  public static int send(
      Invocation invocation,
      String endpoint,
      String request,
      Source source,
      String title,
      Result result)
      throws IOException {
    try (HttpAnswer answer =
            Engines.of(invocation).post("/jcompose/v1/" + endpoint, request, true);
        ControlLines lines = new ControlLines(ProgressViews.of(invocation, title))) {
      Thread reader = Consoles.start(Consoles.current(), "result", () -> result(answer, lines));
      try (OutputStream out = new StdinFrames(answer.connection().output())) {
        source.writeTo(out);
      } catch (IOException e) {
        if (!joined(reader) || !lines.isEnded()) {
          throw e;
        }
      }
      joined(reader);
      return result.of(lines);
    }
  }

  /** Waits for the result; the connection's end is the limit. */
  private static boolean joined(Thread reader) {
    try {
      reader.join();
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static void result(HttpAnswer answer, ControlLines lines) {
    try {
      Frames.read(
          answer,
          (stream, bytes) -> {
            lines.accept(new String(bytes, StandardCharsets.UTF_8));
            if (lines.isEnded()) {
              answer.close(); // whoever still writes is told by this
            }
            return !lines.isEnded();
          });
    } catch (IOException e) {
      // the writer's own error, or the missing result, tells it
    }
  }

  /** Bytes as standard input frames; closing it tells their end. */
  private static final class StdinFrames extends OutputStream {
    private static final int LONGEST = 1 << 16;
    private final OutputStream connection;
    private final byte[] buffer = new byte[LONGEST];
    private int filled;

    StdinFrames(OutputStream connection) {
      this.connection = connection;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      for (int done = 0; done < length; ) {
        int count = Math.min(LONGEST - filled, length - done);
        System.arraycopy(bytes, offset + done, buffer, filled, count);
        filled += count;
        done += count;
        if (filled == LONGEST) {
          send();
        }
      }
    }

    @Override
    public void close() throws IOException {
      if (filled > 0) {
        send();
      }
      Frames.write(connection, Frames.STDIN, buffer, 0);
    }

    private void send() throws IOException {
      Frames.write(connection, Frames.STDIN, buffer, filled);
      filled = 0;
    }
  }
}
