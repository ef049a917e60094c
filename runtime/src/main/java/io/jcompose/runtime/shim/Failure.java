package io.jcompose.runtime.shim;

import io.jcompose.core.JcomposeException;
import io.jcompose.linux.KernelException;
import io.jcompose.runtime.plan.OlderExec;
import io.jcompose.runtime.plan.TaskPlan;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import jnr.constants.platform.Errno;

/**
 * What a shim says when a step failed, turned into the error that a user sees; texts that the
 * docker command looks for are Docker's.
 *
 * @param step its name, as {@link TaskPlan}s have them
 * @param what what failed, and on what
 */
public record Failure(int number, String step, int errno, String what) {
  private static final String TARGET = "open mount target ";

  /** In words of the plan that was sent; the shim has some for what is its own. */
  public static Failure decode(ByteBuffer data, TaskPlan plan) {
    int operation = data.getInt();
    int op = data.getInt();
    int errno = data.getInt();
    String own = text(data);
    if (TaskPlan.isRuntimes(op)) {
      return new Failure(0, "RUNTIME", errno, own);
    }
    return plan.place(op == 0 ? -1 : operation)
        .map(
            at ->
                new Failure(at.number(), at.step(), errno, at.words().isEmpty() ? own : at.words()))
        .orElseGet(() -> new Failure(0, "launch", errno, own));
  }

  /** That of a shim whose plans are of version 1. */
  public static Failure ofOlder(ByteBuffer data) {
    return new Failure(data.getInt(), OlderExec.nameOf(data.getInt()), data.getInt(), text(data));
  }

  private static String text(ByteBuffer data) {
    byte[] text = new byte[data.remaining()];
    data.get(text);
    return new String(text, StandardCharsets.UTF_8);
  }

  private static final String SUBPATH = "open subpath ";
  private static final String MAP_IDS = "map the ids of ";

  /** As {@link #toException(String)}, for a start: what is wrong with the image is said of it. */
  public JcomposeException toException(String id, String image) {
    boolean misled = is(Errno.ELOOP) || is(Errno.ENOTDIR) || is(Errno.ENOENT) || is(Errno.EEXIST);
    if (misled && step.equals("FS") && what.startsWith(TARGET)) {
      return new JcomposeException.InvalidArgument(
          "the image "
              + image
              + " cannot be run: its "
              + what.substring(TARGET.length())
              + " is a link or a file, by which a container could reach out of its own files; take"
              + " an image that has a directory there");
    }
    if (misled && step.equals("MKDIR")) {
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
    if (step.equals("EXEC") && (what.startsWith("path ") || what.startsWith("file "))) {
      return Optional.of(commandFailed(what.substring(5), what.startsWith("path ")));
    }
    if (step.equals("RUNTIME")) {
      return Optional.of(byRuntime());
    }
    if (step.equals("CWD") && !is(Errno.EPROTO)) {
      return Optional.of(
          new JcomposeException.CommandFailed(
              what + ": " + description(), is(Errno.ENOENT) ? 127 : 126));
    }
    if (step.equals("USER") && is(Errno.EINVAL)) {
      return Optional.of(new JcomposeException.InvalidArgument(what));
    }
    if (step.equals("TTY") && (is(Errno.ENOENT) || is(Errno.ENODEV))) {
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
    // by move_mount for another kind, and by a path below a file
    boolean unlike = is(Errno.ENOTDIR) || (is(Errno.EINVAL) && what.startsWith("bind mount on "));
    if (step.equals("BIND") && unlike) {
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
    if ((step.equals("BIND") || step.equals("SOURCE")) && is(Errno.ENOENT)) {
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
    if (step.equals("SYSCTL") && is(Errno.ENOENT)) {
      return Optional.of(
          new JcomposeException.InvalidArgument(
              "failed to "
                  + what
                  + ": this kernel has none in a container's own namespaces, or not in a user"
                  + " namespace: take it out of sysctls, or set userns_mode: host"));
    }
    if (step.equals("WRITE") && (is(Errno.EINVAL) || is(Errno.ERANGE))) {
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
            + number
            + ", "
            + step
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
