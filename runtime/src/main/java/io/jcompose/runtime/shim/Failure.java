package io.jcompose.runtime.shim;

import io.jcompose.core.JcomposeException;
import io.jcompose.linux.KernelException;
import io.jcompose.runtime.plan.Op;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import jnr.constants.platform.Errno;

/**
 * What a shim says when a step failed, turned into the error that a user sees; texts that the
 * docker command looks for are Docker's.
 */
public record Failure(int step, int op, int errno, String what) {
  private static final String TARGET = "open mount target ";

  public static Failure decode(ByteBuffer data) {
    int step = data.getInt();
    int op = data.getInt();
    int errno = data.getInt();
    byte[] text = new byte[data.remaining()];
    data.get(text);
    return new Failure(step, op, errno, new String(text, StandardCharsets.UTF_8));
  }

  private static final String SUBPATH = "open subpath ";
  private static final String MAP_IDS = "map the ids of ";

  /** As {@link #toException(String)}, for a start: what is wrong with the image is said of it. */
  public JcomposeException toException(String id, String image) {
    boolean misled = is(Errno.ELOOP) || is(Errno.ENOTDIR) || is(Errno.ENOENT) || is(Errno.EEXIST);
    if (misled && op == Op.FS.code && what.startsWith(TARGET)) {
      return new JcomposeException.InvalidArgument(
          "the image "
              + image
              + " cannot be run: its "
              + what.substring(TARGET.length())
              + " is a link or a file, by which a container could reach out of its own files; take"
              + " an image that has a directory there");
    }
    if (misled && op == Op.MKDIR.code) {
      return new JcomposeException.InvalidArgument(
          "the working directory "
              + what.substring("mkdir ".length())
              + " is none in a container of image "
              + image
              + " ("
              + description()
              + "); set working_dir to a directory of the container");
    }
    return toException(id);
  }

  public JcomposeException toException(String id) {
    return ofProcess(id).or(this::ofFiles).or(this::ofKernel).orElseGet(() -> internal(id));
  }

  /** Faults of the program and of what it runs as. */
  private Optional<JcomposeException> ofProcess(String id) {
    if (op == Op.EXEC.code && (what.startsWith("path ") || what.startsWith("file "))) {
      return Optional.of(commandFailed(what.substring(5), what.startsWith("path ")));
    }
    if (op == Op.RUNTIME.code) {
      return Optional.of(byRuntime());
    }
    if (op == Op.CWD.code && !is(Errno.EPROTO)) {
      return Optional.of(
          new JcomposeException.CommandFailed(
              what + ": " + description(), is(Errno.ENOENT) ? 127 : 126));
    }
    if (op == Op.USER.code && is(Errno.EINVAL)) {
      return Optional.of(new JcomposeException.InvalidArgument(what));
    }
    if (op == Op.TTY.code && (is(Errno.ENOENT) || is(Errno.ENODEV))) {
      return Optional.of(
          new JcomposeException.InvalidArgument(
              "no terminal for "
                  + id
                  + ": a mount on its /dev has no devpts at pts; mount below /dev only, or set tty: false"));
    }
    return Optional.empty();
  }

  /** Faults of what is mounted. */
  private Optional<JcomposeException> ofFiles() {
    if (op == Op.BIND.code && is(Errno.ENOTDIR)) {
      return Optional.of(
          new JcomposeException.InvalidArgument(
              what
                  + ": not a directory: are you trying to mount a directory onto a file (or"
                  + " vice-versa)? Check if the specified host path exists and is the expected type"));
    }
    if (what.startsWith(SUBPATH) && (is(Errno.ENOENT) || is(Errno.ELOOP) || is(Errno.ENOTDIR))) {
      return Optional.of(
          new JcomposeException.NotFound(
              "cannot access subpath "
                  + what.substring(SUBPATH.length())
                  + " of a volume: "
                  + description()
                  + "; no part of it may be a symbolic link"));
    }
    if ((op == Op.BIND.code || op == Op.SOURCE.code) && is(Errno.ENOENT)) {
      return Optional.of(
          new JcomposeException.InvalidArgument(
              what
                  + ": no such file or directory: make it first, or let create_host_path make it"));
    }
    if (what.startsWith(MAP_IDS) && (is(Errno.EINVAL) || is(Errno.EOPNOTSUPP))) {
      return Optional.of(
          new JcomposeException.NotSupported(
              "failed to show "
                  + what.substring(MAP_IDS.length())
                  + " with a container's own user ids: its file system or this kernel has no id-mapped"
                  + " mounts (man 2 mount_setattr; overlay layers need Linux 5.19, tmpfs 6.3): keep it"
                  + " on another file system, or set userns_mode: host"));
    }
    return Optional.empty();
  }

  /** What this kernel does not take. */
  private Optional<JcomposeException> ofKernel() {
    if (op == Op.SYSCTL.code && is(Errno.ENOENT)) {
      return Optional.of(
          new JcomposeException.InvalidArgument(
              "failed to "
                  + what
                  + ": this kernel has none in a container's own namespaces, or not in a user"
                  + " namespace: take it out of sysctls, or set userns_mode: host"));
    }
    if (op == Op.WRITE.code && (is(Errno.EINVAL) || is(Errno.ERANGE))) {
      return Optional.of(
          new JcomposeException.InvalidArgument(
              "the kernel refused a limit: " + what + ": " + KernelException.name(errno)));
    }
    return Optional.empty();
  }

  private JcomposeException internal(String id) {
    return new JcomposeException.Internal(
        "failed to start "
            + id
            + ": "
            + what
            + ": "
            + KernelException.name(errno)
            + " (step "
            + step
            + ", "
            + Op.nameOf(op)
            + ")");
  }

  private JcomposeException commandFailed(String program, boolean inPath) {
    String quoted = "exec: \"" + program + "\": ";
    if (inPath && is(Errno.ENOENT)) {
      return new JcomposeException.CommandFailed(
          quoted + "executable file not found in $PATH", 127);
    }
    if (is(Errno.ENOENT) || is(Errno.ENOTDIR)) {
      return new JcomposeException.CommandFailed(
          quoted + "stat " + program + ": " + description(), 127);
    }
    return new JcomposeException.CommandFailed(quoted + description(), 126);
  }

  /** Another runtime's own words; they decide what went wrong, as for the docker command. */
  private JcomposeException byRuntime() {
    String text = what.strip();
    text = text.substring(text.lastIndexOf('\n') + 1);
    int message = text.indexOf("msg=\"");
    text = message < 0 ? text : text.substring(message + 5).replace("\\\"", "\"");
    if (is(Errno.ETIMEDOUT)) {
      return new JcomposeException.Timeout("the OCI runtime did not end within 30 s: " + text);
    }
    String low = text.toLowerCase(Locale.ROOT);
    boolean missing =
        (low.contains("executable file") && low.contains("not found"))
            || low.contains("no such file or directory");
    boolean barred = low.contains("permission denied") || low.contains("is a directory");
    String all = "OCI runtime create failed: " + (text.isEmpty() ? "it said nothing" : text);
    return missing || barred
        ? new JcomposeException.CommandFailed(all, missing ? 127 : 126)
        : new JcomposeException.Internal(all);
  }

  private boolean is(Errno error) {
    return errno == error.intValue();
  }

  /** As Go says it: lower case. */
  private String description() {
    String text = Errno.valueOf(errno).description();
    return text.substring(0, 1).toLowerCase(Locale.ROOT) + text.substring(1);
  }
}
