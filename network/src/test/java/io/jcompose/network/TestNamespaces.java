package io.jcompose.network;

import io.jcompose.linux.netlink.NetworkNamespace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** Acting in the namespace of a sandbox, or of a machine beyond the host. */
public final class TestNamespaces {
  private TestNamespaces() {}

  public static <T> T inside(Sandbox sandbox, Callable<T> work) throws Exception {
    try (NetworkNamespace namespace = NetworkNamespace.at(sandbox.netnsPath())) {
      return inside(namespace, work);
    }
  }

  public static <T> T inside(NetworkNamespace namespace, Callable<T> work) throws Exception {
    FutureTask<T> task =
        new FutureTask<>(
            () -> {
              try (NetworkNamespace home = NetworkNamespace.current()) {
                return namespace.call(
                    home,
                    () -> {
                      try {
                        return work.call();
                      } catch (Exception e) {
                        throw new CompletionFailure(e);
                      }
                    });
              }
            });
    Thread.ofPlatform().start(task);
    try {
      return task.get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof CompletionFailure failure ? (Exception) failure.getCause() : e;
    }
  }

  /** A namespace behind an interface of the host, with a default route to it. */
  public static NetworkNamespace lan() throws Exception {
    return lan("lan0", "192.0.2", "2001:db8:");
  }

  /**
   * @param subnet4 the first three numbers of its addresses; the host is 1 and the machine 2
   * @param subnet6 the same of IPv6
   */
  public static NetworkNamespace lan(String name, String subnet4, String subnet6) throws Exception {
    Process holder = new ProcessBuilder("unshare", "-n", "sleep", "60").start();
    String own = Files.readSymbolicLink(Path.of("/proc/self/ns/net")).toString();
    NetworkLab.await(
        "a LAN",
        () -> {
          try {
            return !Files.readSymbolicLink(Path.of("/proc/" + holder.pid() + "/ns/net"))
                .toString()
                .equals(own);
          } catch (IOException e) {
            return false;
          }
        });
    NetworkNamespace lan = NetworkNamespace.ofProcess(holder.pid());
    NetworkLab.sh(
        ("ip link add NAME type veth peer name eth0 netns PID && ip addr add FOUR.1/24 dev NAME"
                + " && ip -6 addr add SIX:1/64 dev NAME nodad && ip link set NAME up"
                + " && nsenter -n -t PID sh -c 'ip addr add FOUR.2/24 dev eth0;"
                + " ip -6 addr add SIX:2/64 dev eth0 nodad; ip link set eth0 up; ip link set lo up;"
                + " ip route add default via FOUR.1; ip -6 route add default via SIX:1'")
            .replace("NAME", name)
            .replace("PID", Long.toString(holder.pid()))
            .replace("FOUR", subnet4)
            .replace("SIX", subnet6));
    holder.destroyForcibly().waitFor();
    return lan;
  }

  /** A process in the sandbox, as a task's. */
  public static Process process(Sandbox sandbox) throws Exception {
    Process process =
        new ProcessBuilder("nsenter", "--net=" + sandbox.netnsPath(), "sleep", "60").start();
    String target = Files.readSymbolicLink(Path.of(sandbox.netnsPath())).toString();
    NetworkLab.await(
        "a process in the namespace",
        () -> {
          try {
            return Files.readSymbolicLink(Path.of("/proc/" + process.pid() + "/ns/net"))
                .toString()
                .equals(target);
          } catch (IOException e) {
            return false;
          }
        });
    return process;
  }

  private static final class CompletionFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    CompletionFailure(Exception cause) {
      super(cause);
    }
  }
}
