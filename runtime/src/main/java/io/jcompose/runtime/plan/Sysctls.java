package io.jcompose.runtime.plan;

import io.jcompose.core.JcomposeException;
import java.util.Set;

/** The names of kernel parameters, and which of them a container may have of its own. */
public final class Sysctls {
  private static final Set<String> IPC =
      Set.of(
          "kernel.msgmax",
          "kernel.msgmnb",
          "kernel.msgmni",
          "kernel.sem",
          "kernel.shmall",
          "kernel.shmmax",
          "kernel.shmmni",
          "kernel.shm_rmid_forced");

  private Sysctls() {}

  /** Refuses a kernel parameter that is not the container's own. */
  public static void check(String key, boolean ownNetwork, String ipcMode) {
    boolean network = key.startsWith("net.");
    boolean ipc = IPC.contains(key) || key.startsWith("fs.mqueue.");
    if (!network && !ipc) {
      throw new JcomposeException.InvalidArgument(
          "sysctl \"" + key + "\" is not in a separate kernel namespace");
    }
    if ((network && !ownNetwork) || (ipc && ipcMode.equals("host"))) {
      throw new JcomposeException.InvalidArgument(
          "sysctl \"" + key + "\" not allowed in host " + (ipc ? "ipc" : "network") + " namespace");
    }
  }

  /**
   * The path below /proc/sys of a parameter. Dots separate, unless the key is given with slashes
   * (interface names have dots): man 8 sysctl.
   */
  public static String path(String key) {
    int dot = key.indexOf('.');
    int slash = key.indexOf('/');
    StringBuilder path = new StringBuilder(key);
    if (slash < 0 || (dot >= 0 && dot < slash)) {
      for (int i = 0; i < path.length(); i++) {
        char c = path.charAt(i);
        path.setCharAt(i, c == '.' ? '/' : c == '/' ? '.' : c);
      }
    }
    for (String part : path.toString().split("/", -1)) {
      if (part.isEmpty() || part.equals(".") || part.equals("..")) {
        throw new JcomposeException.InvalidArgument("invalid sysctl \"" + key + "\"");
      }
    }
    return path.toString();
  }

  /** The reverse of {@link #path}. */
  public static String key(String path) {
    StringBuilder key = new StringBuilder(path);
    for (int i = 0; i < key.length(); i++) {
      char c = key.charAt(i);
      key.setCharAt(i, c == '/' ? '.' : c == '.' ? '/' : c);
    }
    return key.toString();
  }
}
