package io.jcompose.cli;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where the engine keeps its state and its socket.
 *
 * @param hasOwnState true when the user chose the place of the state, over the engine's settings
 */
record Roots(String state, String run, String socket, boolean hasOwnState) {
  /** {@code --root}, then JCOMPOSE_ROOT, then the machine's; JCOMPOSE_HOST names another socket. */
  static Roots of(@Nullable String option, Map<String, String> env) {
    String root = option != null ? option : env.getOrDefault("JCOMPOSE_ROOT", "");
    String state = "/var/lib/jcompose";
    String run = "/run/jcompose";
    if (!root.isEmpty()) {
      String absolute = root.startsWith("/") ? root : System.getProperty("user.dir") + "/" + root;
      state = absolute + "/lib";
      run = absolute + "/run";
    }
    String host = env.getOrDefault("JCOMPOSE_HOST", "");
    String socket = host.isEmpty() ? run + "/engine.sock" : hostSocket(host);
    return new Roots(state, run, socket, !root.isEmpty());
  }

  private static String hostSocket(String host) {
    if (host.startsWith("unix://")) {
      return host.substring(7);
    }
    if (host.startsWith("/")) {
      return host;
    }
    String other = host.startsWith("ssh://") ? host.substring(6) : "";
    throw new CommandFailure(
        "JCOMPOSE_HOST="
            + host
            + ": only unix:///path/of/a/socket is supported"
            + (other.isEmpty() ? "" : "; the same on that machine: `ssh " + other + " jcompose …`"),
        1);
  }
}
