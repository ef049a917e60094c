package io.jcompose.linux.netlink;

import io.jcompose.linux.KernelException;
import io.jcompose.linux.Libc;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import jnr.constants.platform.Errno;
import jnr.ffi.annotations.In;
import jnr.ffi.annotations.Out;
import jnr.ffi.types.size_t;
import jnr.ffi.types.ssize_t;

/**
 * A netlink socket (man 7 netlink) in the network namespace of the thread that opens it. The kernel
 * handles a request inside the send call, so no call but {@link #receive} waits for an answer; a
 * request may wait for the kernel's network lock, so use platform threads. Used by one thread at a
 * time.
 */
public final class NetlinkSocket implements AutoCloseable {
  public static final int ROUTE = 0;
  public static final int NETFILTER = 12;

  private static final Functions LIBC = Libc.load(Functions.class);
  private static final int AF_NETLINK = 16;
  private static final int SOCK_RAW_CLOEXEC = 3 | 0x80000;
  private static final int SOL_NETLINK = 270;
  private static final int SOL_SOCKET = 1;
  private static final int SO_SNDBUF = 7;
  private static final int SO_SNDBUFFORCE = 32;
  private static final int SO_RCVBUFFORCE = 33;
  private static final int SO_RCVTIMEO = 20;
  private static final int ADD_MEMBERSHIP = 1;
  private static final int CAP_ACK = 10;
  private static final int EXT_ACK = 11;
  private static final int DONTWAIT = 0x40;
  private static final int TYPE_ERROR = 2;
  private static final int TYPE_DONE = 3;
  private static final int FLAG_MULTI = 2;
  private static final int FLAG_CAPPED = 0x100;
  private static final int FLAG_ACK_TLVS = 0x200;
  private static final int RECEIVE_BYTES = 32 * 1024;

  /** The kernel refuses to send more at once than its buffer, 212,992 bytes unless it is told. */
  private static final int ROOMY_BYTES = 100_000;

  private static final ThreadLocal<ByteBuffer> RECEIVE =
      ThreadLocal.withInitial(() -> direct(RECEIVE_BYTES));
  private static final ThreadLocal<ByteBuffer> SEND = ThreadLocal.withInitial(() -> direct(8192));

  private final int fd;
  private boolean closed;
  private boolean lost;

  private NetlinkSocket(int fd) {
    this.fd = fd;
  }

  /** Opens a socket for requests of a protocol, {@link #ROUTE} or {@link #NETFILTER}. */
  public static NetlinkSocket open(int protocol) {
    int fd =
        Libc.check(
            LIBC.socket(AF_NETLINK, SOCK_RAW_CLOEXEC, protocol), "socket", "netlink " + protocol);
    NetlinkSocket socket = new NetlinkSocket(fd);
    socket.option(SOL_NETLINK, CAP_ACK, 1);
    socket.option(SOL_NETLINK, EXT_ACK, 1);
    return socket;
  }

  /** Joins a multicast group; the kernel tells only sockets that are bound. */
  public NetlinkSocket join(int group) {
    byte[] anyAddress = new byte[12];
    anyAddress[ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN ? 0 : 1] = AF_NETLINK;
    Libc.check(LIBC.bind(fd, anyAddress, anyAddress.length), "bind", "netlink");
    Libc.check(
        LIBC.setsockopt(fd, SOL_NETLINK, ADD_MEMBERSHIP, new int[] {group}, 4),
        "setsockopt",
        "netlink group " + group);
    return this;
  }

  /** Enlarges the receive buffer. */
  public NetlinkSocket receiveBuffer(int bytes) {
    option(SOL_SOCKET, SO_RCVBUFFORCE, bytes);
    return this;
  }

  /** Lets {@link #receive} return after this time without a message. */
  public NetlinkSocket receiveTimeout(int seconds) {
    Libc.check(
        LIBC.setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, new long[] {seconds, 0}, 16),
        "setsockopt",
        "SO_RCVTIMEO");
    return this;
  }

  /**
   * Sends all messages and checks their acknowledgements.
   *
   * @return the messages that came besides, for requests that ask for data
   * @throws KernelException for the first message that failed; further ones may have been carried
   *     out
   */
  public List<NetlinkMessage> request(NetlinkBatch batch) {
    if (batch.isEmpty()) {
      return List.of();
    }
    send(batch);
    List<NetlinkMessage> answers = new ArrayList<>();
    int acks = 0;
    KernelException failure = null;
    while (true) {
      List<NetlinkMessage> received = receive(DONTWAIT);
      if (received.isEmpty()) {
        break;
      }
      for (NetlinkMessage message : received) {
        if (message.type() != TYPE_ERROR) {
          answers.add(message);
        } else if (message.u32(0) == 0) {
          acks++;
        } else if (failure == null) {
          failure = failure(batch, message);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
    if (acks < batch.expectedAcks()) {
      throw new KernelException("netlink", batch.subject(1) + ": no answer", Errno.EIO.intValue());
    }
    return answers;
  }

  /**
   * Sends one dump request and collects the parts of its answer.
   *
   * @throws KernelException when the kernel refuses the dump
   */
  public List<NetlinkMessage> dump(NetlinkBatch batch) {
    List<NetlinkMessage> answers = new ArrayList<>();
    dump(batch, answers::add);
    return answers;
  }

  /** The same for answers of any length, which are given on one by one and not kept. */
  public void dump(NetlinkBatch batch, Consumer<NetlinkMessage> each) {
    dumpWhile(
        batch,
        message -> {
          each.accept(message);
          return true;
        });
  }

  /** The same until {@code each} has enough; nothing more can be asked by this socket then. */
  public void dumpWhile(NetlinkBatch batch, Predicate<NetlinkMessage> each) {
    send(batch);
    while (true) {
      List<NetlinkMessage> received = receive(DONTWAIT);
      if (received.isEmpty()) {
        return;
      }
      for (NetlinkMessage message : received) {
        if (message.type() == TYPE_DONE) {
          return;
        }
        if (message.type() == TYPE_ERROR) {
          throw failure(batch, message);
        }
        if (!each.test(message) || (message.flags() & FLAG_MULTI) == 0) {
          return;
        }
      }
    }
  }

  /** Waits for multicast messages; empty after the timeout or when messages were lost. */
  public List<NetlinkMessage> receive() {
    return receive(0);
  }

  /** Messages were lost since this was asked last: more came than the buffer holds. */
  public boolean hasLost() {
    boolean was = lost;
    lost = false;
    return was;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      LIBC.close(fd);
    }
  }

  private void send(NetlinkBatch batch) {
    ByteBuffer out = SEND.get();
    if (out.capacity() < batch.length()) {
      out = direct(batch.length());
    }
    out.clear();
    batch.copyTo(out);
    out.flip();
    if (batch.length() > ROOMY_BYTES) {
      // the second needs the host's CAP_NET_ADMIN; without it the first gives what the host allows
      option(SOL_SOCKET, SO_SNDBUF, batch.length());
      option(SOL_SOCKET, SO_SNDBUFFORCE, batch.length());
    }
    Libc.check(LIBC.send(fd, out, batch.length(), 0), "netlink send", batch.subject(1));
  }

  private List<NetlinkMessage> receive(int flags) {
    ByteBuffer in = RECEIVE.get().clear();
    long length = LIBC.recv(fd, in, in.capacity(), flags);
    if (length < 0) {
      int errno = Libc.errno();
      if (errno == Errno.ENOBUFS.intValue() && flags == 0) {
        lost = true;
        return List.of();
      }
      if (errno == Errno.EAGAIN.intValue() || errno == Errno.EINTR.intValue()) {
        return List.of();
      }
      throw new KernelException("recv", "netlink", errno);
    }
    in.limit((int) length);
    List<NetlinkMessage> messages = new ArrayList<>();
    while (in.remaining() >= NetlinkBatch.headerBytes()) {
      int start = in.position();
      int bytes = in.getInt(start);
      if (bytes < NetlinkBatch.headerBytes() || bytes > in.remaining()) {
        break;
      }
      messages.add(
          new NetlinkMessage(
              in.getShort(start + 4) & 0xffff,
              in.getShort(start + 6) & 0xffff,
              in.getInt(start + 8),
              in.slice(start + 16, bytes - 16).order(ByteOrder.nativeOrder())));
      in.position(Math.min(in.limit(), start + ((bytes + 3) & ~3)));
    }
    return messages;
  }

  /** An error message: int errno, the request's header, and with EXT_ACK the kernel's own words. */
  private static KernelException failure(NetlinkBatch batch, NetlinkMessage message) {
    String subject = batch.subject(message.sequence());
    if ((message.flags() & FLAG_ACK_TLVS) != 0 && (message.flags() & FLAG_CAPPED) != 0) {
      byte[] words = message.attributes(20).get(1);
      subject += words == null ? "" : " (" + NetlinkMessage.text(words) + ")";
    }
    return new KernelException("netlink", subject, -message.u32(0));
  }

  private void option(int level, int name, int value) {
    LIBC.setsockopt(fd, level, name, new int[] {value}, 4);
  }

  private static ByteBuffer direct(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
  }

  /** Functions of man 2. */
  public interface Functions {
    int socket(int domain, int type, int protocol);

    int bind(int fd, @In byte[] address, int length);

    int setsockopt(int fd, int level, int name, @In int[] value, int length);

    int setsockopt(int fd, int level, int name, @In long[] value, int length);

    @ssize_t
    long send(int fd, @In ByteBuffer data, @size_t long length, int flags);

    @ssize_t
    long recv(int fd, @Out ByteBuffer data, @size_t long length, int flags);

    int close(int fd);
  }
}
