package io.jcompose.linux.netlink;

import io.jcompose.linux.Libc;
import java.util.function.Supplier;

/**
 * A network namespace, held by a file descriptor (man 7 network_namespaces). It lives as long as
 * the descriptor, a process in it, or a socket made in it. Closing twice is harmless.
 */
public final class NetworkNamespace implements AutoCloseable {
  private static final Functions LIBC = Libc.load(Functions.class);
  private static final int CLONE_NEWNET = 0x40000000;
  private static final int O_RDONLY_CLOEXEC = 0x80000;

  private final int fd;
  private boolean closed;

  private NetworkNamespace(int fd) {
    this.fd = fd;
  }

  /** The namespace of the calling thread. */
  public static NetworkNamespace current() {
    return open("/proc/thread-self/ns/net");
  }

  /** The namespace of a process. */
  public static NetworkNamespace ofProcess(long pid) {
    return open("/proc/" + pid + "/ns/net");
  }

  /** The namespace behind a path such as {@code /proc/1/ns/net}. */
  public static NetworkNamespace at(String path) {
    return open(path);
  }

  /**
   * Makes a new namespace and runs {@code inside} there, then goes back to {@code home}. Call on a
   * platform thread only. When {@code inside} fails, the namespace is gone.
   */
  public static <T> Made<T> make(NetworkNamespace home, Supplier<T> inside) {
    Libc.check(LIBC.unshare(CLONE_NEWNET), "unshare", "CLONE_NEWNET");
    try {
      NetworkNamespace made = current();
      try {
        return new Made<>(made, inside.get());
      } catch (RuntimeException e) {
        made.close();
        throw e;
      }
    } finally {
      home.enter();
    }
  }

  /**
   * As {@link #make}, but in the namespace behind a path, which somebody else has made. When {@code
   * inside} fails, only the descriptor is gone.
   */
  public static <T> Made<T> enter(String path, NetworkNamespace home, Supplier<T> inside) {
    NetworkNamespace given = open(path);
    try {
      return new Made<>(given, given.call(home, inside));
    } catch (RuntimeException e) {
      given.close();
      throw e;
    }
  }

  /**
   * Runs {@code inside} in this namespace, then goes back to {@code home}. Platform threads only.
   */
  public <T> T call(NetworkNamespace home, Supplier<T> inside) {
    enter();
    try {
      return inside.get();
    } finally {
      home.enter();
    }
  }

  /** The descriptor, close-on-exec, owned by this object. */
  public int fd() {
    return fd;
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      LIBC.close(fd);
    }
  }

  /** A closed descriptor may have become another namespace's. */
  private synchronized void enter() {
    if (closed) {
      throw new IllegalStateException("the network namespace is gone");
    }
    if (Thread.currentThread().isVirtual()) {
      throw new IllegalStateException("setns on a virtual thread would move its carrier");
    }
    Libc.check(LIBC.setns(fd, CLONE_NEWNET), "setns", "network namespace");
  }

  private static NetworkNamespace open(String path) {
    return new NetworkNamespace(Libc.check(LIBC.open(path, O_RDONLY_CLOEXEC), "open", path));
  }

  /** A new namespace and what was made inside. */
  public record Made<T>(NetworkNamespace namespace, T inside) {}

  /** Functions of man 2. */
  public interface Functions {
    int unshare(int flags);

    int setns(int fd, int type);

    int open(String path, int flags);

    int close(int fd);
  }
}
