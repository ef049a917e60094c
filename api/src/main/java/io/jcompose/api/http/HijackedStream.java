package io.jcompose.api.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A connection taken over from HTTP: raw bytes both ways, each way ending on its own. End of input
 * means that the client will send no more, not that it is gone; output goes on until {@link #close}
 * or a failed write. One thread may read while others write one at a time.
 */
public final class HijackedStream implements AutoCloseable {
  private static final int NORMAL = 1000; // RFC 6455, section 7.4.1

  private final SocketChannel channel;
  private final InputStream input;
  private final OutputStream output;
  private final @Nullable WebSocketFrames frames;

  /** One whose bytes go through frames. */
  HijackedStream(SocketChannel channel, WebSocketFrames frames) {
    this.channel = channel;
    this.frames = frames;
    this.input = frames.input();
    this.output = frames.output();
  }

  HijackedStream(SocketChannel channel, WireInput input, OutputStream output) {
    this.channel = channel;
    this.output = output;
    this.frames = null;
    this.input =
        new InputStream() {
          @Override
          public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
          }

          @Override
          public int read(byte[] target, int offset, int length) throws IOException {
            return input.read(target, offset, length);
          }
        };
  }

  /** What the client sends; not framed. */
  public InputStream input() {
    return input;
  }

  /** What the client gets, unbuffered. */
  public OutputStream output() {
    return output;
  }

  /**
   * The same where a client that takes nothing of a write for so long ends the connection, for
   * writers that others wait for.
   */
  public OutputStream output(Duration patience) {
    return new OutputStream() {
      @Override
      public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
      }

      @Override
      public void write(byte[] source, int offset, int length) throws IOException {
        try (Patience _ = new Patience(channel, patience)) {
          output.write(source, offset, length);
        }
      }
    };
  }

  /** Ends the connection and wakes whoever reads or writes. */
  @Override
  public void close() throws IOException {
    try (channel) {
      if (frames != null && channel.isOpen()) {
        frames.close(NORMAL);
      }
    }
  }
}
