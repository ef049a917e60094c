package io.jcompose.linux;

import java.nio.charset.StandardCharsets;
import jnr.ffi.annotations.In;

/**
 * A Unix datagram socket that is connected to one receiver; the JDK has only stream sockets. Owned
 * by one thread.
 */
public final class UnixDatagram implements AutoCloseable {
  private static final int AF_UNIX = 1;
  private static final int SOCK_DGRAM = 2;
  private static final int SOCK_CLOEXEC = 02000000;
  private static final int MSG_DONTWAIT = 0x40;
  private static final int MSG_NOSIGNAL = 0x4000;
  private static final int PATH_BYTES = 108;

  private final int fd;
  private final String path;

  /** Functions of man 2 and man 3. */
  public interface Functions {
    int socket(int domain, int type, int protocol);

    int connect(int fd, @In byte[] address, int length);

    int send(int fd, @In byte[] data, long length, int flags);

    int close(int fd);
  }

  private static final class Kernel {
    static final Functions CALLS = Libc.load(Functions.class);
  }

  private UnixDatagram(int fd, String path) {
    this.fd = fd;
    this.path = path;
  }

  /**
   * Throws KernelException when nobody listens at the path.
   *
   * @param path of a file or, after {@code @}, a name of Linux's abstract sockets
   */
  public static UnixDatagram connect(String path) {
    byte[] name = path.getBytes(StandardCharsets.UTF_8);
    if (name.length >= PATH_BYTES) {
      throw new IllegalArgumentException("too long for a socket: " + path);
    }
    boolean isAbstract = path.startsWith("@");
    // man 7 unix: family, path, NUL; an abstract name begins with NUL and ends with its last byte.
    byte[] address = new byte[2 + name.length + (isAbstract ? 0 : 1)];
    address[0] = AF_UNIX;
    System.arraycopy(name, 0, address, 2, name.length);
    if (isAbstract) {
      address[2] = 0;
    }
    int type = SOCK_DGRAM | SOCK_CLOEXEC;
    int fd = Libc.check(Kernel.CALLS.socket(AF_UNIX, type, 0), "socket", path);
    int result = Kernel.CALLS.connect(fd, address, address.length);
    if (result < 0) {
      KernelException failure = new KernelException("connect", path, Libc.errno());
      Kernel.CALLS.close(fd);
      throw failure;
    }
    return new UnixDatagram(fd, path);
  }

  /** Sends one message; throws KernelException, with EAGAIN when the receiver is busy. */
  public void send(byte[] message) {
    int sent = Kernel.CALLS.send(fd, message, message.length, MSG_DONTWAIT | MSG_NOSIGNAL);
    Libc.check(sent, "send", path);
  }

  @Override
  public void close() {
    Kernel.CALLS.close(fd);
  }
}
