package io.jcompose.cli.client;

import io.jcompose.cli.terminal.CommandFailure;
import io.jcompose.cli.terminal.Consoles;
import io.jcompose.cli.wire.SshHost;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where the engine keeps its state and its socket.
 *
 * @param hasOwnState true when the user chose the place of the state, over the engine's settings
 */
public record Roots(String state, String run, String socket, boolean hasOwnState) {
  /** {@code --root}, then JCOMPOSE_ROOT, then the machine's; JCOMPOSE_HOST names another socket. */
  public static Roots of(@Nullable String option, Map<String, String> env) {
    String root = option != null ? option : env.getOrDefault("JCOMPOSE_ROOT", "");
    String state = "/var/lib/jcompose";
    String run = "/run/jcompose";
    if (!root.isEmpty()) {
      String absolute = root.startsWith("/") ? root : Consoles.current().folder() + "/" + root;
      state = absolute + "/lib";
      run = absolute + "/run";
    }
    String host = env.getOrDefault("JCOMPOSE_HOST", "");
    String socket = hostSocket(host.isEmpty() ? run + "/engine.sock" : host, run + "/engine.sock");
    return new Roots(state, run, socket, !root.isEmpty());
  }

  private static String hostSocket(String host, String here) {
    if (host.startsWith("unix://")) {
      return host.substring(7);
    }
    if (host.startsWith("/")) {
      return host;
    }
    if (host.startsWith(SshHost.SCHEME)) {
      return here; // of this host, for what is not about the other one
    }
    throw new CommandFailure(
        "JCOMPOSE_HOST="
            + host
            + ": there are ssh://[user@]host and unix:///path/of/a/socket. An engine has no port of"
            + " TCP: whoever reached it would be root",
        1);
  }
}
