package io.jcompose.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Finds the engine that a command line means: this host's, another root's, or another host's. */
final class Engines {
  private static final String HOST = "JCOMPOSE_HOST";

  private Engines() {}

  /** Starts one where none answers, and where no socket was named. */
  static EngineClient of(Invocation invocation) {
    SshHost remote = remote(invocation);
    if (remote != null) {
      return new EngineClient(remote, true);
    }
    return invocation.env().getOrDefault(HOST, "").isEmpty()
        ? new EngineClient(roots(invocation))
        : running(invocation);
  }

  /** Never starts one. */
  static EngineClient running(Invocation invocation) {
    SshHost remote = remote(invocation);
    return remote == null
        ? new EngineClient(roots(invocation).socket())
        : new EngineClient(remote, false);
  }

  /** The host of the engine, when it is another one by ssh. */
  static @Nullable SshHost remote(Invocation invocation) {
    String host = invocation.env().getOrDefault(HOST, "");
    return host.startsWith(SshHost.SCHEME) ? SshHost.parse(host) : null;
  }

  static Roots roots(Invocation invocation) {
    Object root = invocation.globals().get("root");
    return Roots.of(root == null ? null : root.toString(), invocation.env());
  }

  /** Posts to the endpoint of that name; the answer, whole. */
  static String text(Invocation invocation, String endpoint, String request) throws IOException {
    try (HttpAnswer answer = of(invocation).post("/jcompose/v1/" + endpoint, request, false)) {
      return new String(answer.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
