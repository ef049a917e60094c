package io.jcompose.runtime.plan;

import static io.jcompose.runtime.plan.Argument.AT_FDCWD;
import static io.jcompose.runtime.plan.Argument.NULL;
import static io.jcompose.runtime.plan.Argument.flags;
import static io.jcompose.runtime.plan.Argument.number;
import static io.jcompose.runtime.plan.Argument.register;
import static io.jcompose.runtime.plan.Argument.text;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import jnr.constants.platform.Errno;

/** What makes the process what it has to be. */
final class ProcessSteps {
  private static final String INIT = "/sbin/docker-init"; // shim.h
  private static final int PATH_MAX = 4096;
  private static final long ALL = -1;
  private static final int CAPABILITY_SETS = 24;
  private static final int CAPABILITY_VERSION_3 = 0x20080522;
  private static final int FILTER = 8; // struct sock_filter
  private static final int INTERFACE_UP_AND_RUNNING = 0x41;

  private static final Field OF_PROC =
      Calls.how(
          List.of(Flag.O_WRONLY, Flag.O_CLOEXEC),
          Flag.RESOLVE_BENEATH,
          Flag.RESOLVE_NO_MAGICLINKS,
          Flag.RESOLVE_NO_XDEV);

  private final Calls calls;
  private final MountSteps mounts;
  private long capabilities = ALL;

  ProcessSteps(Calls calls, MountSteps mounts) {
    this.calls = calls;
    this.mounts = mounts;
  }

  /** Entered at once, but for a user namespace, which is only opened. */
  void namespace(Step.Namespace s) {
    boolean users = s.type() == CloneFlags.NEWUSER;
    int file = users ? Calls.USERS : calls.free();
    calls
        .call(
            "open namespace",
            s.path(),
            Syscall.OPENAT,
            AT_FDCWD,
            text(s.path()),
            flags(Flag.O_RDONLY, Flag.O_CLOEXEC))
        .into(file);
    if (!users) {
      calls.call("setns", s.path(), Syscall.SETNS, register(file), number(s.type()));
    }
  }

  /** Enters the user namespace of a path, if any, and makes others. */
  void hold(Step.Hold s) {
    String what = "make";
    String subject = "namespaces";
    if (!s.users().isEmpty()) {
      int file = calls.free();
      Field how = flags(Flag.O_RDONLY, Flag.O_CLOEXEC);
      calls.call(what, subject, Syscall.OPENAT, AT_FDCWD, text(s.users()), how).into(file);
      calls.call(what, subject, Syscall.SETNS, register(file), number(CloneFlags.NEWUSER));
    }
    calls.call(what, subject, Syscall.UNSHARE, number(s.namespaces()));
  }

  void joinTask(Step.JoinTask s) {
    calls.call("setns", "task", Syscall.SETNS, register(Calls.TASK), number(s.namespaces()));
    calls.call("chdir", "/", Syscall.CHDIR, text("/"));
  }

  void unshare(Step.Unshare s) {
    calls.call("unshare", "", Syscall.UNSHARE, number(s.namespaces()));
  }

  /**
   * What needs privilege on the host (layers, sources of binds, cgroups) was opened before, and all
   * other namespaces are made after, so that the user namespace owns them: man 7 user_namespaces.
   */
  void users(Step.Userns s) {
    for (int stream = Calls.IN; stream <= Calls.ERR; stream++) {
      // the user inside may open /dev/stdout again, and give it to another
      own(stream, s.rootUser(), s.rootGroup()).may(Errno.EBADF);
    }
    boolean ownMounts = (s.namespaces() & CloneFlags.NEWNS) != 0;
    if (ownMounts) {
      // one that is attached here would be locked in there: man 7 mount_namespaces
      calls.copy("detach", "root", Calls.ROOT).into(Calls.ROOT);
    }
    becomeRoot(s.joined() ? Calls.TASK : Calls.USERS);
    int own = s.namespaces() & ~CloneFlags.NEWPID;
    if (own != 0) {
      calls.call("unshare", "", Syscall.UNSHARE, number(own));
    }
    if (ownMounts) {
      Field how = flags(Flag.MOVE_MOUNT_F_EMPTY_PATH);
      Field root = register(Calls.ROOT);
      calls.call("attach", "root", Syscall.MOVE_MOUNT, root, text(""), AT_FDCWD, text("/"), how);
    }
    if ((s.namespaces() & CloneFlags.NEWPID) != 0) {
      goOn(CloneFlags.NEWPID);
    }
  }

  /**
   * Goes on as a new process.
   *
   * @param namespaces that the clone makes, {@link CloneFlags}
   */
  void goOn(int namespaces) {
    // which a change of user may have set: all of that user's could trace it
    calls.call("prctl", "dumpable", Syscall.PRCTL, flags(Flag.PR_SET_DUMPABLE), number(0));
    calls.add(Op.GO_ON, "clone", "", number(namespaces));
  }

  private void becomeRoot(int of) {
    String what = "become root of";
    String users = "user namespace";
    calls.call("setns", users, Syscall.SETNS, register(of), number(CloneFlags.NEWUSER));
    calls.call(what, users, Syscall.SETGROUPS, number(0), NULL);
    calls.call(what, users, Syscall.SETRESGID, number(0), number(0), number(0));
    calls.call(what, users, Syscall.SETRESUID, number(0), number(0), number(0));
    // which a change of user may have set, and what it cleared
    calls.call(what, users, Syscall.PRCTL, flags(Flag.PR_SET_DUMPABLE), number(0));
    calls.call(what, users, Syscall.PRCTL, flags(Flag.PR_SET_PDEATHSIG), flags(Flag.SIGKILL));
  }

  private Operation own(int stream, int user, int group) {
    return calls.call(
        "chown", "standard streams", Syscall.FCHOWN, register(stream), number(user), number(group));
  }

  void loopback() {
    int socket = calls.free();
    Field kind = flags(Flag.SOCK_DGRAM, Flag.SOCK_CLOEXEC);
    calls.call("set up", "lo", Syscall.SOCKET, flags(Flag.AF_INET), kind, number(0)).into(socket);
    ByteBuffer request = Argument.structure(40);
    request.put((byte) 'l').put((byte) 'o').putShort(16, (short) INTERFACE_UP_AND_RUNNING);
    calls.call(
        "set up",
        "lo",
        Syscall.IOCTL,
        register(socket),
        flags(Flag.SIOCSIFFLAGS),
        Argument.bytes(request, "lo"));
  }

  void hostname(String name) {
    calls.call("sethostname", name, Syscall.SETHOSTNAME, Argument.chars(name), length(name));
  }

  void domainname(String name) {
    calls.call("setdomainname", name, Syscall.SETDOMAINNAME, Argument.chars(name), length(name));
  }

  private static Field length(String text) {
    return number(text.getBytes(StandardCharsets.UTF_8).length);
  }

  /**
   * Without a name, by which who else knows it could join it. Kernels without keyrings, or with the
   * quota used up, go without, as runc: the shim's own is empty.
   */
  void keyring() {
    calls
        .call("keyctl", "", Syscall.KEYCTL, flags(Flag.KEYCTL_JOIN_SESSION_KEYRING), NULL)
        .mayFail();
  }

  void limit(ResourceLimit limit) {
    ByteBuffer both = Argument.structure(16).putLong(limit.soft()).putLong(limit.hard());
    Field value = Argument.bytes(both, limit.soft() + ":" + limit.hard());
    calls.call(
        "setrlimit", "", Syscall.PRLIMIT64, number(0), number(limit.resource()), value, NULL);
  }

  void noNewPrivileges() {
    calls.call(
        "prctl",
        "no_new_privs",
        Syscall.PRCTL,
        flags(Flag.PR_SET_NO_NEW_PRIVS),
        number(1),
        number(0),
        number(0),
        number(0));
  }

  void cwd(String path) {
    String outside = "cwd is outside of the container:";
    calls.call("chdir to cwd", path, Syscall.CHDIR, text(path));
    // CVE-2024-21626: a directory outside the root has no path here
    calls.call(outside, path, Syscall.GETCWD, Argument.memory(PATH_MAX), number(PATH_MAX));
    calls.check(outside, path, 0, 0xff, '/', Errno.ENOENT);
  }

  /** Sets what AppArmor keeps of the program that is executed next. */
  void appArmor(String profile) {
    String what = "apply AppArmor profile";
    int proc = mounts.ownProc(what, profile);
    int file = calls.free();
    Operation open =
        calls.openIn(what, proc, "self/attr/apparmor/exec", OF_PROC).into(file).mayFail();
    // kernels before 5.8 have one place only
    calls.unlessDone(open, () -> calls.openIn(what, proc, "self/attr/exec", OF_PROC).into(file));
    write(what, profile, file, "exec " + profile);
  }

  /**
   * Sets what a security module keeps of this process: by a procfs of nobody's but the child's, for
   * the container's may be covered: CVE-2025-52881.
   */
  void attribute(String name, String value) {
    String what = "apply SELinux label";
    int proc = mounts.ownProc(what, value);
    int file = calls.free();
    calls.openIn(what, proc, "self/attr/" + name, OF_PROC).into(file);
    write(what, value, file, value);
  }

  private void write(String what, String subject, int file, String text) {
    calls.call(what, subject, Syscall.WRITE, register(file), Argument.chars(text), length(text));
  }

  /** The bounding set at once, the others with the user. */
  void capabilities(Step.Caps s) {
    capabilities = s.mask();
    for (int capability = 0; capability <= s.last(); capability++) {
      if ((s.mask() >>> capability & 1) == 0) {
        calls
            .call(
                "drop",
                "capability",
                Syscall.PRCTL,
                flags(Flag.PR_CAPBSET_DROP),
                number(capability))
            .may(Errno.EINVAL); // beyond the kernel's last one
      }
    }
  }

  void user(Step.User s) {
    ByteBuffer groups = Argument.structure(Integer.BYTES * s.groups().size());
    s.groups().forEach(groups::putInt);
    Field all = Argument.bytes(groups, s.groups().toString());
    calls.call("setgroups", s.name(), Syscall.SETGROUPS, number(s.groups().size()), all);
    Field uid = number(s.uid());
    Field gid = number(s.gid());
    calls.call("setresgid", s.name(), Syscall.SETRESGID, gid, gid, gid);
    calls.call("setresuid", s.name(), Syscall.SETRESUID, uid, uid, uid);
    calls
        .call(
            "prctl",
            "ambient",
            Syscall.PRCTL,
            flags(Flag.PR_CAP_AMBIENT),
            flags(Flag.PR_CAP_AMBIENT_CLEAR_ALL),
            number(0),
            number(0),
            number(0))
        .mayFail();
    if (s.uid() != 0 || capabilities != ALL) {
      Field version = Argument.bytes(Argument.structure(8).putInt(CAPABILITY_VERSION_3), "v3");
      Field kept = kept(s.uid() == 0 ? capabilities : 0);
      calls.call("capset", s.name(), Syscall.CAPSET, version, kept);
    }
  }

  /** No user but root keeps any. */
  private static Field kept(long capabilities) {
    ByteBuffer sets = Argument.structure(CAPABILITY_SETS); // effective, permitted, no inheritable
    for (int half = 0; half < 2; half++) {
      int bits = (int) (capabilities >>> (32 * half));
      sets.putInt(bits).putInt(bits).putInt(0);
    }
    return Argument.bytes(sets, "0x" + Long.toHexString(capabilities));
  }

  void seccomp(byte[] filter) {
    Field program = Argument.bytes(filter, "<" + filter.length + " bytes>");
    Field count =
        new Field.Number(filter.length / FILTER, 0, () -> Integer.toString(filter.length / FILTER));
    calls.add(Op.SECCOMP, "seccomp", "filter", program, count);
  }

  void exec(Step.Exec s) {
    String program = s.args().isEmpty() ? "" : s.args().getFirst();
    List<String> paths = ProgramPaths.of(program, s.env());
    calls.call("umask", "", Syscall.UMASK, Argument.octal(022));
    calls.add(
        Op.EXEC,
        program.indexOf('/') >= 0 ? "file" : "path",
        program,
        new Field.Texts(s.init() ? initOf(s.args()) : List.of()),
        new Field.Texts(paths),
        new Field.Texts(s.args()),
        new Field.Texts(s.env()));
  }

  private static List<String> initOf(List<String> args) {
    return Stream.concat(Stream.of(INIT, "--"), args.stream()).toList();
  }
}
