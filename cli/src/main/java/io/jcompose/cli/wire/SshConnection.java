package io.jcompose.cli.wire;

import io.jcompose.cli.terminal.CommandFailure;
import io.jcompose.cli.terminal.NativeCalls;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A connection to the engine of another host: the streams of an {@code ssh} that runs {@code
 * dial-stdio} there. Ends with {@link #close}, or with this process.
 */
public final class SshConnection implements Connection {
  /** Ctrl-C is for this command, which ends ssh; ssh keeps its terminal, to ask for a password. */
  private static final String SCRIPT =
      "trap '' INT QUIT; command -v ssh >/dev/null || exit "
          + SshFailure.NO_SSH
          + "; exec ssh \"$@\"";

  /** What shells and their start files may print before the greeting. */
  private static final int MOST_NOISE = 65536;

  private static final int LONGEST_WORDS = 4096;
  private static final int END_SECONDS = 5;

  private final Process ssh;
  private final InputStream input;
  private final OutputStream output;

  private SshConnection(Process ssh) {
    this.ssh = ssh;
    this.input = ssh.getInputStream();
    this.output = new Unbuffered(ssh.getOutputStream());
  }

  /**
   * Connects; blocks as long as ssh does, which may ask a person.
   *
   * @param starts whether an engine is started where none runs
   * @throws CommandFailure saying in one sentence what kept it from the engine
   */
  public static Connection open(SshHost host, boolean starts) throws IOException {
    List<String> command = new ArrayList<>(List.of("/bin/sh", "-c", SCRIPT, "ssh"));
    command.addAll(host.arguments(starts));
    Process ssh = new ProcessBuilder(command).start();
    Words words = new Words(ssh.getErrorStream());
    words.setDaemon(true);
    words.start();
    SshConnection connection = new SshConnection(ssh);
    String greeting = greeting(connection.input);
    if (greeting.isEmpty()) {
      connection.output.close();
      throw SshFailure.of(host, exitCode(ssh), words.text());
    }
    SshFailure.checkVersion(host, greeting);
    if (NativeCalls.isLoaded()) {
      NativeCalls.endOnQuit();
    }
    return connection;
  }

  /** What comes after the greeting's beginning; empty when the stream ends without one. */
  private static String greeting(InputStream input) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < MOST_NOISE; i++) {
      int next = input.read();
      if (next < 0) {
        return "";
      }
      if (next != '\n') {
        line.append((char) next);
        continue;
      }
      String text = line.toString().strip();
      if (text.startsWith(DialWords.GREETING.substring(0, DialWords.GREETING.indexOf(' ')))) {
        return text;
      }
      line.setLength(0);
    }
    return "";
  }

  private static int exitCode(Process ssh) {
    try {
      if (ssh.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
        return ssh.exitValue();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    ssh.destroy();
    return -1;
  }

  @Override
  public InputStream input() {
    return input;
  }

  @Override
  public OutputStream output() {
    return output;
  }

  @Override
  public void closeOutput() {
    try {
      output.close();
    } catch (IOException e) {
      // a broken one is told to who reads
    }
  }

  /** Wakes a reader; the other side sees the end of its input. */
  @Override
  public void close() {
    ssh.destroy();
  }

  /** The process's stream has a buffer, and what is written here is awaited. */
  private static final class Unbuffered extends OutputStream {
    private final OutputStream out;

    Unbuffered(OutputStream out) {
      this.out = out;
    }

    @Override
    public void write(int b) throws IOException {
      out.write(b);
      out.flush();
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      out.write(bytes, offset, length);
      out.flush();
    }

    @Override
    public void close() throws IOException {
      out.close();
    }
  }

  /** Reads what ssh says, so that it never waits, and keeps the end of it. */
  private static final class Words extends Thread {
    private final InputStream from;
    private final ByteArrayOutputStream kept = new ByteArrayOutputStream(); // guarded by itself

    Words(InputStream from) {
      super("ssh-words");
      this.from = from;
    }

    @Override
    public void run() {
      byte[] part = new byte[LONGEST_WORDS];
      try {
        for (int count = from.read(part); count > 0; count = from.read(part)) {
          synchronized (kept) {
            if (kept.size() + count > 2 * LONGEST_WORDS) {
              kept.reset();
            }
            kept.write(part, 0, count);
          }
        }
      } catch (IOException e) {
        // what came counts
      }
    }

    String text() {
      try {
        join(TimeUnit.SECONDS.toMillis(END_SECONDS));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      synchronized (kept) {
        return kept.toString(StandardCharsets.UTF_8);
      }
    }
  }
}
