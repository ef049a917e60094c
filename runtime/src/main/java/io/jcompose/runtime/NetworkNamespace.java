package io.jcompose.runtime;

import java.nio.file.Path;

/** The network that a task lives in. */
public sealed interface NetworkNamespace {
  /** The host's own. */
  record Host() implements NetworkNamespace {}

  /** A new one of the task's own, with only a loopback interface, which is up. */
  record Loopback() implements NetworkNamespace {}

  /**
   * One that is held open by this process.
   *
   * @param fd stays the caller's; it may be closed when {@link TaskRuntime#start} has returned
   */
  record Fd(int fd) implements NetworkNamespace {}

  /**
   * One by a path, such as {@code /run/netns/x}, or that of another task's {@link HeldProcess}.
   *
   * @param shared true when another container owns it ({@code network_mode: container:x}): its
   *     sysctls are then left alone
   */
  record At(Path path, boolean shared) implements NetworkNamespace {}
}
