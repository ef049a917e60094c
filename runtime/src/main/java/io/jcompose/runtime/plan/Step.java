package io.jcompose.runtime.plan;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * A step of a task's plan. What each does is in docs/developers/shim-protocol.md; the protocol's
 * form is StepEncoder's. Immutable.
 */
public sealed interface Step {
  /** Carried out by the shim, before it clones. */
  sealed interface OfShim extends Step {}

  /** Builds what the container sees as its files. */
  sealed interface OfFiles extends Step {}

  /** Makes the process what it has to be. */
  sealed interface OfProcess extends Step {}

  /** Those that need nothing said. */
  enum Simple implements Step {
    ROOT_SLAVE,
    /** Opens the host's null, which masked files are covered by. */
    NULL_COVER,
    PIVOT,
    ROOT_READONLY,
    NO_NEW_PRIVS,
    LOOPBACK,
    /** A new session keyring. */
    KEYRING,
    /** Waits until the shim has moved the child to its groups. */
    SYNC,
    /** Goes on as a new process, which is in the pid namespace that was entered. */
    GO_ON
  }

  /** Its name in messages, such as {@code OWN_SYMLINK}. */
  static String nameOf(Step step) {
    return step instanceof Simple simple
        ? simple.name()
        : step.getClass()
            .getSimpleName()
            .replaceAll("(?<=[a-z])(?=[A-Z])", "_")
            .toUpperCase(Locale.ROOT);
  }

  /**
   * What the shim holds, and how.
   *
   * @param killsRest the group is killed when the process ends
   * @param attaches how many of them the output waits for
   * @param namespaces made by the clone, {@link CloneFlags}
   */
  record Task(
      String id,
      Path runDir,
      Path exitRecord,
      boolean terminal,
      boolean input,
      boolean killsRest,
      int attaches,
      int namespaces)
      implements OfShim {
    /** The same by another clone. */
    public Task cloning(int others) {
      return new Task(id, runDir, exitRecord, terminal, input, killsRest, attaches, others);
    }
  }

  /** A namespace to enter; a user namespace is only opened, and a pid namespace takes GO_ON. */
  record Namespace(int type, String path) implements OfProcess {}

  /**
   * Namespaces that the shim is to hold.
   *
   * @param users path of the user namespace that it enters before; empty for none
   * @param namespaces to make, {@link CloneFlags}
   */
  record Hold(String users, int namespaces) implements OfShim {}

  /**
   * A group of the task's.
   *
   * @param byClone the process is cloned into it, not moved
   * @param figures names of files in it that the exit record shows
   */
  record Cgroup(Path directory, boolean byClone, List<String> figures) implements OfShim {
    public Cgroup {
      figures = List.copyOf(figures);
    }

    /** The same for a process that somebody else clones. */
    public Cgroup withoutClone() {
      return new Cgroup(directory, false, figures);
    }
  }

  /** A value for a group's file. */
  record Write(Path file, String value, May may) implements OfShim {}

  /** What may happen to a write. */
  enum May {
    /** Nothing: else the container does not start. */
    NOT_FAIL(0),
    /** Any failure: the file is not on every kernel, or takes nothing there. */
    FAIL(1),
    /** That the kernel has no such file; what it says of the value counts. */
    BE_MISSING(2);

    final int code;

    May(int code) {
      this.code = code;
    }
  }

  /**
   * Where and how the log is written.
   *
   * @param maxBytes a file of this size is rotated; 0 or less is never
   * @param next the number of the file that is rotated next
   * @param attributes a JSON object for each record, or empty
   * @param reportsRotations the engine packs rotated files
   */
  record Log(
      Path file, long maxBytes, int maxFiles, int next, String attributes, boolean reportsRotations)
      implements OfShim {}

  /**
   * The rest of the plan is another runtime's {@code create}.
   *
   * @param pidFile where that one says which process it made
   * @param start an encoded plan
   * @param delete an encoded plan
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Runtime(Path pidFile, byte[] start, byte[] delete) implements OfShim {}

  /**
   * The root: the image's layers and the container's.
   *
   * @param user as which the kernel writes to the upper layer, on the host's count
   * @param lower topmost first
   * @param at the directory that it is attached to
   * @param layerByLayer this kernel takes them so; else by one option of a page at most
   */
  record Overlay(
      int user, int group, List<Path> lower, Path upper, Path work, Path at, boolean layerByLayer)
      implements OfFiles {
    public Overlay {
      lower = List.copyOf(lower);
    }

    /** The same, attached elsewhere. */
    public Overlay attachedTo(Path other) {
      return new Overlay(user, group, lower, upper, work, other, layerByLayer);
    }
  }

  /**
   * A new file system.
   *
   * @param attributes {@link MountAttributes}
   */
  record Fs(String type, String target, String options, int attributes, Target at)
      implements OfFiles {
    /** What is found at the target. */
    public enum Target {
      ANYTHING,
      /** No symbolic link on the way: what the container needs to be where it looks for it. */
      REAL,
      /** A directory whose mode the file system gets. */
      MODE_GIVING
    }
  }

  /**
   * Shows files of the host.
   *
   * @param source empty is the next {@link Source}
   * @param ownFile a link that the container's own layer has at the target is removed
   * @param attributes {@link MountAttributes}
   */
  record Bind(
      String source,
      String target,
      boolean recursive,
      boolean ownFile,
      int attributes,
      Propagation propagation)
      implements OfFiles {}

  /** Whether mounts that come below later are seen on the other side: MS_… of man 2 mount. */
  enum Propagation {
    AS_MADE(0),
    PRIVATE(1 << 18),
    SLAVE(1 << 19),
    SHARED(1 << 20);

    final int code;

    Propagation(int code) {
      this.code = code;
    }
  }

  /**
   * Opens what a bind shows, while it can be reached.
   *
   * @param mapped its owners are ids of the user namespace
   * @param mountNamespace a path, empty for this one
   * @param inside a path below that is meant, without symbolic links; empty for itself
   */
  record Source(
      String path, boolean recursive, boolean mapped, String mountNamespace, String inside)
      implements OfFiles {}

  /** Covers a path by itself, with ids by the user namespace's map. */
  record Idmap(Path path) implements OfFiles {}

  /** Covers a path of the host by an empty file system. */
  record Cover(Path path) implements OfFiles {}

  /** A node; its type is in the mode. */
  record Device(String path, int mode, int major, int minor, int uid, int gid) implements OfFiles {}

  record Symlink(String content, String path) implements OfFiles {}

  /** A link in the container's own layer only, not in what is mounted there. */
  record OwnSymlink(String content, String path) implements OfFiles {}

  /** Covers a path that is there by nothing. */
  record Mask(String path, boolean directory) implements OfFiles {}

  record Mkdir(String path) implements OfFiles {}

  /**
   * @param isMount a mount point itself
   */
  record Readonly(String path, boolean isMount) implements OfFiles {}

  /** SELinux's label of the file systems that follow. */
  record FileLabel(String label) implements OfFiles {}

  /**
   * Enters the user namespace.
   *
   * @param rootUser its user 0 on the host
   * @param namespaces to make in it, {@link CloneFlags}
   * @param joined it is the task's
   */
  record Userns(int rootUser, int rootGroup, int namespaces, boolean joined) implements OfProcess {}

  /** Makes namespaces, {@link CloneFlags}. */
  record Unshare(int namespaces) implements OfProcess {}

  /** Enters namespaces of the task, {@link CloneFlags}; a pid namespace takes GO_ON. */
  record JoinTask(int namespaces) implements OfProcess {}

  /**
   * @param path below /proc/sys
   */
  record Sysctl(String path, String value) implements OfProcess {}

  record Hostname(String name) implements OfProcess {}

  record Domainname(String name) implements OfProcess {}

  record OomScore(int score) implements OfProcess {}

  record Rlimit(ResourceLimit limit) implements OfProcess {}

  record Cwd(String path) implements OfProcess {}

  /**
   * A terminal.
   *
   * @param console it is /dev/console too
   */
  record Tty(boolean console, int rows, int columns) implements OfProcess {}

  /** A filter as an array of struct sock_filter. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Seccomp(byte[] filter) implements OfProcess {}

  record Apparmor(String profile) implements OfProcess {}

  /** Written to the process's {@code attr/<name>}: man 7 lsm. */
  record Attribute(String name, String value) implements OfProcess {}

  /**
   * Gives the process its standard streams, and closes all else.
   *
   * @param owner a user; root leaves them as they are
   */
  record Streams(int owner) implements OfProcess {}

  /**
   * The bounding, effective and permitted set.
   *
   * @param last the kernel's last one
   */
  record Caps(long mask, int last) implements OfProcess {}

  /**
   * @param name for messages
   * @param groups all of them
   */
  record User(String name, int uid, int gid, List<Integer> groups) implements OfProcess {
    public User {
      groups = List.copyOf(groups);
    }
  }

  /**
   * The program; nothing follows it.
   *
   * @param init under an init of the shim's
   * @param env PATH in it says where a name is looked up
   */
  record Exec(boolean init, List<String> args, List<String> env) implements OfProcess {
    /** Throws InvalidArgument for words that the kernel does not take. */
    public Exec {
      args = List.copyOf(args);
      env = List.copyOf(env);
      ExecWords.check(args, env);
    }
  }
}
