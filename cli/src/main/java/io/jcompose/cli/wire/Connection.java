package io.jcompose.cli.wire;

import io.jcompose.cli.terminal.Consoles;
import io.jcompose.cli.terminal.NativeCalls;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.locks.LockSupport;

/** A stream connection to the engine's socket. One thread may read while another writes. */
public interface Connection extends AutoCloseable {
  /** For a place in an engine's queue, which a busy one takes connections from. */
  long LIMIT_NANOS = 10_000_000_000L;

  long RETRY_NANOS = 20_000_000;

  InputStream input();

  OutputStream output();

  /** Ends what is written; what the engine says is still read. */
  void closeOutput();

  @Override
  void close();

  /**
   * Connects by the native library or, without it, by the JDK's channel; waits for 10 s at most
   * where as many wait already as may.
   *
   * @throws EngineUnreachable telling whether anyone listens there
   */
  static Connection open(String socket) throws EngineUnreachable {
    if (Consoles.current().isOwn() && NativeCalls.isLoaded()) {
      int fd = NativeCalls.connect(socket.getBytes(StandardCharsets.UTF_8));
      if (fd < 0) {
        throw EngineUnreachable.ofErrno(-fd);
      }
      return new ByLibrary(fd);
    }
    return openChannel(socket, System.nanoTime() + LIMIT_NANOS);
  }

  /** No room fails at once on a virtual thread, and no event tells of it: man 2 connect, EAGAIN. */
  private static Connection openChannel(String socket, long end) throws EngineUnreachable {
    while (true) {
      try {
        return openChannel(socket);
      } catch (EngineUnreachable e) {
        if (e.reason() != EngineUnreachable.Reason.BUSY
            || System.nanoTime() > end
            || Thread.currentThread().isInterrupted()) {
          throw e;
        }
        LockSupport.parkNanos(RETRY_NANOS);
      }
    }
  }

  private static Connection openChannel(String socket) throws EngineUnreachable {
    try {
      SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
      try {
        channel.connect(UnixDomainSocketAddress.of(socket));
        return new ByChannel(channel);
      } catch (IOException e) {
        channel.close();
        throw e;
      }
    } catch (IOException e) {
      throw EngineUnreachable.ofMessage(String.valueOf(e.getMessage()));
    }
  }

  /** True when an engine listens there now. */
  static boolean isOpen(String socket) {
    try {
      open(socket).close();
      return true;
    } catch (EngineUnreachable e) {
      return false;
    }
  }

  /** Over the native library. */
  final class ByLibrary implements Connection {
    private final int fd;
    private boolean closed;

    public ByLibrary(int fd) {
      this.fd = fd;
    }

    @Override
    public InputStream input() {
      return new InputStream() {
        @Override
        public int read() throws IOException {
          byte[] one = new byte[1];
          return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
          if (length == 0) {
            return 0;
          }
          int count = NativeCalls.read(fd, target, offset, length);
          if (count < 0) {
            throw new IOException("read from the engine: errno " + -count);
          }
          return count == 0 ? -1 : count;
        }
      };
    }

    @Override
    public OutputStream output() {
      return new OutputStream() {
        @Override
        public void write(int b) throws IOException {
          write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] source, int offset, int length) throws IOException {
          int done = 0;
          while (done < length) {
            int count = NativeCalls.write(fd, source, offset + done, length - done);
            if (count < 0) {
              throw new IOException("write to the engine: errno " + -count);
            }
            done += count;
          }
        }
      };
    }

    @Override
    public void closeOutput() {
      int ignored = NativeCalls.shutdownOutput(fd); // a broken one is told to who reads
    }

    /** Wakes a reader; the descriptor itself goes with this short-lived process. */
    @Override
    public void close() {
      if (!closed) {
        closed = true;
        NativeCalls.shutdown(fd);
      }
    }
  }

  /** Over the JDK's channel. */
  final class ByChannel implements Connection {
    private final SocketChannel channel;

    ByChannel(SocketChannel channel) {
      this.channel = channel;
    }

    @Override
    public InputStream input() {
      return new InputStream() {
        @Override
        public int read() throws IOException {
          byte[] one = new byte[1];
          return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
          return channel.read(ByteBuffer.wrap(target, offset, length));
        }
      };
    }

    @Override
    public OutputStream output() {
      return new OutputStream() {
        @Override
        public void write(int b) throws IOException {
          write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] source, int offset, int length) throws IOException {
          ByteBuffer buffer = ByteBuffer.wrap(source, offset, length);
          while (buffer.hasRemaining()) {
            channel.write(buffer);
          }
        }
      };
    }

    @Override
    public void closeOutput() {
      try {
        channel.shutdownOutput();
      } catch (IOException e) {
        // a broken one is told to who reads
      }
    }

    @Override
    public void close() {
      try {
        channel.close();
      } catch (IOException e) {
        // nothing can be lost: the answer was read
      }
    }
  }
}
