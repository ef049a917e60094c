package io.jcompose.cli.request;

import io.jcompose.cli.client.EngineClient;
import io.jcompose.cli.client.Roots;
import io.jcompose.cli.command.Invocation;
import io.jcompose.cli.wire.HttpAnswer;
import io.jcompose.cli.wire.SshHost;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Finds the engine that a command line means: this host's, another root's, or another host's. */
public final class Engines {
  private static final String HOST = "JCOMPOSE_HOST";

  private Engines() {}

  /** Starts one where none answers, and where no socket was named. */
  public static EngineClient of(Invocation invocation) {
    SshHost remote = remote(invocation);
    if (remote != null) {
      return new EngineClient(remote, true);
    }
    return invocation.env().getOrDefault(HOST, "").isEmpty()
        ? new EngineClient(roots(invocation))
        : running(invocation);
  }

  /** Never starts one. */
  public static EngineClient running(Invocation invocation) {
    SshHost remote = remote(invocation);
    return remote == null
        ? new EngineClient(roots(invocation).socket())
        : new EngineClient(remote, false);
  }

  /** The host of the engine, when it is another one by ssh. */
  public static @Nullable SshHost remote(Invocation invocation) {
    String host = invocation.env().getOrDefault(HOST, "");
    return host.startsWith(SshHost.SCHEME) ? SshHost.parse(host) : null;
  }

  public static Roots roots(Invocation invocation) {
    Object root = invocation.globals().get("root");
    return Roots.of(root == null ? null : root.toString(), invocation.env());
  }

  /** Posts to the endpoint of that name; the answer, whole. */
  public static String text(Invocation invocation, String endpoint, String request)
      throws IOException {
    try (HttpAnswer answer = of(invocation).post("/jcompose/v1/" + endpoint, request, false)) {
      return new String(answer.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
