package io.jcompose.runtime.plan;

import java.nio.file.Path;
import java.util.List;
import jnr.constants.platform.Errno;

/** The operations of each step: docs/developers/shim-protocol.md. */
final class StepEncoder {
  static final int TASK_TTY = 1;
  static final int TASK_STDIN = 2;
  static final int TASK_KILL_REST = 4;
  static final int LOG_PACK = 1;
  static final int CG_JOIN = 1;
  static final int CG_CLONE_INTO = 2;
  static final int CG_OOM = 4;
  private static final int ATTACHES = 16;
  private static final int GROUP_MODE = 0755;

  private final Calls calls = new Calls();
  private final FileSteps files = new FileSteps(calls);
  private final MountSteps mounts = new MountSteps(calls, files);
  private final ProcessSteps process = new ProcessSteps(calls, mounts);
  private final StreamSteps streams = new StreamSteps(calls);
  private boolean hasEmptyCover;

  private StepEncoder() {}

  /** The shim's own steps first, then its child's. */
  static List<Operation> encode(List<Step> steps) {
    StepEncoder encoder = new StepEncoder();
    encoder.add(steps, true);
    encoder.calls.add(Op.CHILD, "", "");
    encoder.add(steps, false);
    return encoder.calls.all();
  }

  private void add(List<Step> steps, boolean ofShim) {
    for (int i = 0; i < steps.size(); i++) {
      if (isShims(steps.get(i)) == ofShim) {
        calls.at(i);
        add(steps.get(i));
      }
    }
  }

  /** A pid namespace holds for children only, so it is the shim's to enter. */
  private static boolean isShims(Step step) {
    return step instanceof Step.Namespace(int type, String _)
        ? type == CloneFlags.NEWPID
        : step instanceof Step.OfShim;
  }

  private void add(Step step) {
    switch (step) {
      case Step.OfShim s -> shim(s);
      case Step.OfFiles s -> files(s);
      case Step.OfProcess s -> process(s);
      case Step.Simple s -> simple(s);
    }
  }

  private void simple(Step.Simple step) {
    switch (step) {
      case ROOT_SLAVE -> mounts.rootSlave();
      case NULL_COVER -> mounts.nullCover();
      case PIVOT -> mounts.pivot();
      case ROOT_READONLY -> mounts.rootReadOnly();
      case NO_NEW_PRIVS -> process.noNewPrivileges();
      case LOOPBACK -> process.loopback();
      case SYNC -> calls.add(Op.SYNC, "wait for", "shim");
    }
  }

  private void shim(Step.OfShim step) {
    switch (step) {
      case Step.Task s -> task(s);
      case Step.Meta s -> calls.add(Op.META, "", "", new Field.Bytes(s.bytes()));
      case Step.Namespace s -> process.namespace(s);
      case Step.Hold s -> process.hold(s);
      case Step.Cgroup s -> cgroup(s);
      case Step.Write s ->
          write("write", s.file().toString(), s.file().toString(), s.value(), s.may());
      case Step.Log s ->
          calls.add(
              Op.LOG,
              "",
              "",
              new Field.U32(s.reportsRotations() ? LOG_PACK : 0),
              new Field.Text(s.attributes()));
      case Step.Runtime s ->
          calls.add(
              Op.RUNTIME,
              "",
              "",
              text(s.pidFile()),
              new Field.Bytes(s.start()),
              new Field.Bytes(s.delete()));
    }
  }

  private static Field text(Path path) {
    return new Field.Text(path.toString());
  }

  private void write(String what, String subject, String file, String value, Step.May may) {
    calls.add(
        Op.WRITE,
        what,
        subject,
        new Field.Text(file),
        new Field.Text(value),
        new Field.U32(may.code));
  }

  /** Any user of the container may read its limits. */
  private void cgroup(Step.Cgroup s) {
    String path = s.directory().toString();
    Argument mode = Argument.octal(GROUP_MODE);
    Argument at = Argument.text(path);
    calls.call("mkdir", path, Syscall.MKDIRAT, Argument.AT_FDCWD, at, mode).may(Errno.EEXIST);
    calls.call("mkdir", path, Syscall.FCHMODAT, Argument.AT_FDCWD, at, mode);
    int flags = CG_JOIN | (s.byClone() ? CG_CLONE_INTO : 0) | (s.countsOom() ? CG_OOM : 0);
    calls.add(Op.CGROUP, "", "", new Field.Text(path), new Field.U32(flags));
  }

  private void task(Step.Task s) {
    int flags =
        (s.terminal() ? TASK_TTY : 0)
            | (s.input() ? TASK_STDIN : 0)
            | (s.killsRest() ? TASK_KILL_REST : 0)
            | Math.min(s.attaches(), ATTACHES) << 8;
    calls.add(
        Op.TASK,
        "",
        "",
        new Field.Text(s.id()),
        text(s.runDir()),
        text(s.exitRecord()),
        new Field.Text(s.log() == null ? "" : s.log().toString()),
        new Field.U64(s.logBytes()),
        new Field.U32(s.logFiles()),
        new Field.U32(flags),
        new Field.U64(s.namespaces()));
  }

  private void files(Step.OfFiles step) {
    switch (step) {
      case Step.Overlay s -> new OverlaySteps(calls, mounts.label(), mounts.sources()).overlay(s);
      case Step.Fs s -> mounts.fs(s);
      case Step.Bind s -> mounts.bind(s);
      case Step.Source s -> mounts.source(s);
      case Step.Device s -> files.device(s);
      case Step.Idmap s -> mounts.idmap(s);
      case Step.Cover s -> mounts.cover(s);
      case Step.Symlink s -> files.symlink(s);
      case Step.OwnSymlink s -> files.ownSymlink(s);
      case Step.Mask s -> mask(s);
      case Step.Mkdir s -> files.mkdir(s);
      case Step.Readonly s -> mounts.readOnly(s);
      case Step.FileLabel s -> mounts.label(s.label());
    }
  }

  private void mask(Step.Mask s) {
    if (s.directory() && !hasEmptyCover) {
      mounts.emptyCover();
      hasEmptyCover = true;
    }
    files.mask(s);
  }

  private void process(Step.OfProcess step) {
    switch (step) {
      case Step.Userns s -> process.users(s);
      case Step.Unshare s -> process.unshare(s);
      case Step.JoinTask s -> process.joinTask(s);
      case Step.Sysctl s -> files.sysctl(s);
      case Step.Hostname s -> process.hostname(s.name());
      case Step.Domainname s -> process.domainname(s.name());
      case Step.Keyring s -> process.keyring(s.name());
      case Step.OomScore s -> oomScore(Integer.toString(s.score()));
      case Step.Rlimit s -> process.limit(s.limit());
      case Step.Cwd s -> process.cwd(s.path());
      case Step.Tty s -> streams.terminal(s);
      case Step.Seccomp s ->
          calls.add(Op.SECCOMP, "seccomp", "filter", new Field.Bytes(s.filter()));
      case Step.Apparmor s -> process.appArmor(s.profile());
      case Step.Attribute s -> process.attribute(s.name(), s.value());
      case Step.Streams s -> streams.streams(s.owner());
      case Step.Caps s -> process.capabilities(s);
      case Step.User s -> process.user(s);
      case Step.Exec s -> process.exec(s);
    }
  }

  private void oomScore(String score) {
    String file = "/proc/self/oom_score_adj";
    write("write oom_score_adj", score, file, score, Step.May.NOT_FAIL);
  }
}
