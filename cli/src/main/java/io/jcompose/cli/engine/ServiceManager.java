package io.jcompose.cli.engine;

import io.jcompose.linux.KernelException;
import io.jcompose.linux.UnixDatagram;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The service manager that started the engine, told how it goes by sd_notify(3)'s messages; without
 * one nobody is told. A message that cannot be sent is logged: the manager then decides by its own
 * limits. Immutable.
 *
 * @param socket of the environment's NOTIFY_SOCKET, empty without a manager
 */
record ServiceManager(String socket) {
  private static final Logger LOG = LoggerFactory.getLogger(ServiceManager.class);

  static ServiceManager of(Map<String, String> env) {
    return new ServiceManager(env.getOrDefault("NOTIFY_SOCKET", ""));
  }

  boolean isThere() {
    return !socket.isEmpty();
  }

  /** The engine serves: units that wait for it may start. */
  void ready(String status) {
    send("READY=1\nSTATUS=" + status);
  }

  void stopping() {
    send("STOPPING=1");
  }

  private void send(String message) {
    if (socket.isEmpty()) {
      return;
    }
    try (UnixDatagram datagram = UnixDatagram.connect(socket)) {
      datagram.send(message.getBytes(StandardCharsets.UTF_8));
    } catch (KernelException | IllegalArgumentException e) {
      LOG.warn("failed to tell the service manager {}: {}", message.lines().toList(), e.toString());
    }
  }
}
