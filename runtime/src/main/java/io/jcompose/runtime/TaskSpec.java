package io.jcompose.runtime;

import io.jcompose.core.ContainerSpec;
import io.jcompose.core.Mount;
import io.jcompose.runtime.shim.ExitRecord;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All that is needed to run a container's process, with every host side resolved. Immutable.
 *
 * <p>From {@code spec} come security, resources, terminal, standard input, init and group_add; all
 * else that it says about the process (entrypoint, user, mounts, …) is taken from the other
 * components, which the engine has merged with the image's configuration.
 *
 * @param id 64 hex digits
 * @param bundleDir the container's state directory; the exit record lives there
 * @param args the final argument vector, at least one
 * @param env {@code NAME=value}; PATH, HOSTNAME, HOME and TERM are added when missing
 * @param cwd absolute, or empty for {@code /}; made when missing
 * @param user {@code user[:group]}, names or numbers, looked up in the container's own files; empty
 *     is root
 * @param rootfs the layers; its target is not used
 * @param mounts volumes, binds, tmpfs, secrets, /etc/hosts and the like, carried out in the order
 *     of their depth after Docker's default mounts; one with the target of a default replaces it
 * @param users the user namespace; all other new namespaces belong to it
 * @param hostname empty leaves the host's (for {@code uts: host})
 * @param joined namespaces of other tasks
 * @param labels SELinux's; none on most machines
 */
public record TaskSpec(
    String id,
    Path bundleDir,
    ContainerSpec spec,
    List<String> args,
    List<String> env,
    String cwd,
    String user,
    Mount.Overlay rootfs,
    List<Mount> mounts,
    NetworkNamespace network,
    UserNamespace users,
    String hostname,
    Joined joined,
    TaskLabels labels,
    LogSpec log) {

  public TaskSpec {
    args = List.copyOf(args);
    env = List.copyOf(env);
    mounts = List.copyOf(mounts);
    if (args.isEmpty()) {
      throw new IllegalArgumentException("no command for " + id);
    }
  }

  /** Where the shim says how the task ended. */
  public Path exitRecord() {
    return ExitRecord.in(bundleDir);
  }

  /**
   * Where the shim writes the output.
   *
   * @param file json-file log; its directory must exist. Null is none
   * @param maxBytes a file that has reached this size is rotated; 0 or less is never
   * @param maxFiles files kept, the current one included
   * @param attributes a JSON object that is put into each record, or empty
   * @param packed rotated files are packed: the listener is notified of each rotation
   */
  public record LogSpec(
      @Nullable Path file, long maxBytes, int maxFiles, String attributes, boolean packed) {
    public static final LogSpec NONE = new LogSpec(null, 0, 1, "", false);
  }

  /**
   * Processes whose namespaces the task shares ({@code pid: container:x} and its likes); null is
   * none. They stay the caller's, who may close them when {@link TaskRuntime#start} has returned.
   */
  public record Joined(
      @Nullable HeldProcess pidOf, @Nullable HeldProcess ipcOf, @Nullable HeldProcess utsOf) {
    public static final Joined NONE = new Joined(null, null, null);
  }
}
