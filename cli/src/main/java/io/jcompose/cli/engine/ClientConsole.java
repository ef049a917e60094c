package io.jcompose.cli.engine;

import io.jcompose.cli.terminal.CommandFailure;
import io.jcompose.cli.terminal.Console;
import io.jcompose.cli.terminal.Consoles;
import io.jcompose.cli.terminal.TerminalChange;
import io.jcompose.cli.wire.ClientFrames;
import io.jcompose.cli.wire.ClientRequest;
import io.jcompose.cli.wire.Frames;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The console of a client, over its connection: docs/developers/client-protocol.md. Frames to it
 * are written by any thread; those from it are read by one, which carries signals out and keeps
 * input, one frame at most, until the command takes it.
 */
final class ClientConsole extends Console implements AutoCloseable {
  private static final int STDIN = 0;
  private static final int RESIZE = 4;
  private static final int SIGNAL = 5;
  private static final int LONGEST = 1 << 16;
  private static final int SIGPIPE_EXIT = 141;
  // man 7 signal; SIGUSR2 by architecture is the same on those that there are
  private static final Map<Integer, String> SIGNALS =
      Map.of(1, "SIGHUP", 2, "SIGINT", 12, "SIGUSR2", 15, "SIGTERM");

  private final ClientRequest request;
  private final InputStream from;
  private final OutputStream to;
  private final Carrier carrier;
  private final Thread command = Thread.currentThread();
  private final AtomicBoolean ended = new AtomicBoolean();
  private final Map<String, Consumer<String>> signals = new ConcurrentHashMap<>();
  private final ClientInput input =
      new ClientInput(() -> send(ClientFrames.WANT_INPUT, 1), () -> send(ClientFrames.NOTHING, 0));
  private volatile Runnable resized = () -> {};
  private volatile int rows;
  private volatile int columns;

  /**
   * What carries the command out.
   *
   * @param socket the engine's own
   * @param caller the user of the host whose command it is
   * @param memory takes the bytes that the command keeps; throws CommandFailure when they are too
   *     many
   * @param asked called each time when the engine has taken what the command asks of it
   */
  record Carrier(Path socket, String caller, IntConsumer memory, Runnable asked) {}

  /**
   * @param from the client's frames
   * @param to where frames for it are written
   */
  ClientConsole(ClientRequest request, InputStream from, OutputStream to, Carrier carrier) {
    this.carrier = carrier;
    this.request = request;
    this.from = from;
    this.to = to;
    this.rows = request.rows();
    this.columns = request.columns();
  }

  /** Reads what the client sends until it has gone; then the command ends too. */
  void listen() {
    Consoles.start(this, "client", this::read);
  }

  /** Takes frames until there are no more. */
  void read() {
    try {
      DataInputStream frames = new DataInputStream(from);
      while (true) {
        int kind = frames.readInt() >>> 24;
        int length = frames.readInt();
        if (length < 0 || length > LONGEST) {
          throw new IOException("frame of " + length + " bytes");
        }
        byte[] bytes = new byte[length];
        frames.readFully(bytes);
        take(kind, bytes);
      }
    } catch (IOException e) {
      leave();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void take(int kind, byte[] bytes) throws InterruptedException {
    switch (kind) {
      case STDIN -> input.add(bytes);
      case RESIZE -> resize(new String(bytes, StandardCharsets.US_ASCII));
      case SIGNAL -> signal(bytes.length == 1 ? SIGNALS.getOrDefault((int) bytes[0], "") : "");
      default -> {
        // a newer client's, which does without
      }
    }
  }

  private void resize(String size) {
    String[] words = size.split(" ", -1);
    if (words.length == 2 && words[0].matches("[0-9]{1,5}") && words[1].matches("[0-9]{1,5}")) {
      rows = Integer.parseInt(words[0]);
      columns = Integer.parseInt(words[1]);
      resized.run();
    }
  }

  private void signal(String name) {
    Consumer<String> action = signals.get(name);
    if (action != null) {
      action.accept(name);
    }
  }

  /** The client has gone: what waits for it, or for the engine, ends. */
  private void leave() {
    input.end();
    if (!ended.getAndSet(true)) {
      command.interrupt();
    }
  }

  private void send(int kind, byte[] bytes, int offset, int length) throws IOException {
    byte[] part = bytes;
    if (offset > 0 || length < bytes.length) {
      part = new byte[length];
      System.arraycopy(bytes, offset, part, 0, length);
    }
    synchronized (to) {
      Frames.write(to, kind, part, length);
    }
  }

  private void send(int kind, int value) {
    try {
      send(kind, new byte[] {(byte) value}, 0, 1);
    } catch (IOException e) {
      leave();
    }
  }

  /** Tells the client the result; the first one counts. */
  void exit(int code) {
    if (!ended.getAndSet(true)) {
      send(ClientFrames.EXIT, code);
    }
  }

  /** Has the client carry the command out by itself, which it does if nothing was shown. */
  void giveBack() {
    if (!ended.getAndSet(true)) {
      send(ClientFrames.YOURSELF, 0);
    }
  }

  @Override
  public void close() {
    input.end();
  }

  @Override
  public void end(int exitCode) {
    exit(exitCode);
    command.interrupt();
  }

  @Override
  protected Thread thread(String name, Runnable work) {
    return Thread.ofVirtual().name(name).unstarted(work);
  }

  @Override
  public OutputStream out() {
    return output(Frames.STDOUT);
  }

  @Override
  public OutputStream err() {
    return output(Frames.STDERR);
  }

  /** Where the client has gone, the command ends; what it still would complain of nobody reads. */
  private OutputStream output(int kind) {
    return new OutputStream() {
      @Override
      public void write(int b) {
        write(new byte[] {(byte) b}, 0, 1);
      }

      @Override
      public void write(byte[] bytes, int offset, int length) {
        try {
          for (int at = 0; at < length; at += LONGEST) {
            send(kind, bytes, offset + at, Math.min(LONGEST, length - at));
          }
        } catch (IOException e) {
          leave();
          if (kind == Frames.STDOUT) {
            throw new CommandFailure("", SIGPIPE_EXIT);
          }
        }
      }
    };
  }

  @Override
  public InputStream in() {
    return input;
  }

  @Override
  public boolean isOwn() {
    return false;
  }

  @Override
  public String engineSocket() {
    return carrier.socket().toString();
  }

  @Override
  public void keeps(int bytes) {
    carrier.memory().accept(bytes);
  }

  @Override
  public String caller() {
    return carrier.caller();
  }

  @Override
  public void asked() {
    carrier.asked().run();
  }

  @Override
  public long began() {
    return request.began();
  }

  @Override
  public Map<String, String> logPlaces() {
    return request.logPlaces();
  }

  @Override
  public void logLine(int kind, byte[] line, String container, String place) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream(line.length + 128);
    all.write(kind);
    all.write((container + "\0" + place + "\0").getBytes(StandardCharsets.US_ASCII));
    all.write(line);
    send(ClientFrames.LINE, all.toByteArray(), 0, all.size());
  }

  @Override
  public String folder() {
    return request.folder();
  }

  @Override
  public boolean isTerminal(int fd) {
    return request.terminals().charAt(fd) == '1';
  }

  @Override
  public int columns(int fd) {
    return columns > 0 ? columns : 80;
  }

  @Override
  public int rows(int fd) {
    return rows > 0 ? rows : 24;
  }

  @Override
  public @Nullable TerminalChange enterRaw() {
    return mode('r');
  }

  @Override
  public TerminalChange hideInput() {
    return mode('s');
  }

  private TerminalChange mode(char mode) {
    send(ClientFrames.MODE, mode);
    return change(() -> send(ClientFrames.MODE, 'n'));
  }

  /** The client itself gives its terminal back when it ends. */
  @Override
  public TerminalChange change(Runnable undo) {
    return new TerminalChange(undo);
  }

  @Override
  public void onResize(Runnable action) {
    resized = action;
  }

  @Override
  public void onInterrupt(IntConsumer action) {
    int[] count = {0};
    take(_ -> action.accept(++count[0]), 2, 15);
  }

  @Override
  public void onSignals(Consumer<String> action) {
    take(action, 1, 2, 12, 15);
  }

  private void take(Consumer<String> action, int... numbers) {
    byte[] bytes = new byte[numbers.length];
    for (int i = 0; i < numbers.length; i++) {
      bytes[i] = (byte) numbers[i];
      signals.put(SIGNALS.getOrDefault(numbers[i], ""), action);
    }
    try {
      send(ClientFrames.TAKES_SIGNALS, bytes, 0, bytes.length);
    } catch (IOException e) {
      leave();
    }
  }
}
