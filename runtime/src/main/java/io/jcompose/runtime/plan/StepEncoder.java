package io.jcompose.runtime.plan;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import jnr.constants.platform.Errno;

/** The operations of each step: docs/developers/shim-protocol.md. */
final class StepEncoder {
  static final int TASK_TTY = 1;
  static final int TASK_STDIN = 2;
  static final int TASK_KILL_REST = 4;
  static final int EXEC_WHOLE = 4;
  private static final int ATTACHES = 16;
  private static final int GROUP_MODE = 0755;

  private final Calls calls = new Calls();
  private final FileSteps files = new FileSteps(calls);
  private final MountSteps mounts = new MountSteps(calls, files);
  private final ProcessSteps process = new ProcessSteps(calls, mounts);
  private final StreamSteps streams = new StreamSteps(calls);
  private boolean hasEmptyCover;

  private StepEncoder() {}

  /** The shim's own steps. */
  static List<Operation> ofShim(List<Step> steps) {
    return encode(steps, true);
  }

  /** Its child's. */
  static List<Operation> ofChild(List<Step> steps) {
    return encode(steps, false);
  }

  private static List<Operation> encode(List<Step> steps, boolean ofShim) {
    StepEncoder encoder = new StepEncoder();
    encoder.add(steps, ofShim);
    return encoder.calls.all();
  }

  private void add(List<Step> steps, boolean ofShim) {
    for (int i = 0; i < steps.size(); i++) {
      if (steps.get(i) instanceof Step.OfShim == ofShim) {
        calls.at(i);
        add(steps.get(i));
      }
    }
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
      case KEYRING -> process.keyring();
      case SYNC -> calls.add(Op.SYNC, "wait for", "shim");
      case GO_ON -> process.goOn(0);
    }
  }

  private void shim(Step.OfShim step) {
    switch (step) {
      case Step.Task s -> task(s);
      case Step.Hold s -> process.hold(s);
      case Step.Cgroup s -> cgroup(s);
      case Step.Write s ->
          write("write", s.file().toString(), s.file().toString(), s.value(), s.may());
      case Step.Log s -> log(s);
      case Step.Runtime s ->
          calls.add(Op.RUNTIME, "", "", text(s.pidFile()), plan(s.start()), plan(s.delete()));
    }
  }

  private static Field plan(byte[] encoded) {
    return Argument.bytes(encoded, "<plan>");
  }

  private static Field text(Path path) {
    return new Field.Text(path.toString());
  }

  private void write(String what, String subject, String file, String value, Step.May may) {
    int at = calls.free();
    Field how = Argument.flags(Flag.O_WRONLY, Flag.O_CLOEXEC);
    Field path = Argument.text(file);
    Operation open = calls.call(what, subject, Syscall.OPENAT, Argument.AT_FDCWD, path, how);
    Field bytes = Argument.chars(value);
    Field length = Argument.number(value.getBytes(StandardCharsets.UTF_8).length);
    may(open.into(at), may).ifDone(may == Step.May.NOT_FAIL ? 0 : 1);
    may(calls.call(what, subject, Syscall.WRITE, Argument.register(at), bytes, length), may);
  }

  private static Operation may(Operation call, Step.May may) {
    return switch (may) {
      case NOT_FAIL -> call;
      case FAIL -> call.mayFail();
      case BE_MISSING -> call.may(Errno.ENOENT);
    };
  }

  /** Any user of the container may read its limits. */
  private void cgroup(Step.Cgroup s) {
    String path = s.directory().toString();
    Field mode = Argument.octal(GROUP_MODE);
    Field at = Argument.text(path);
    calls.call("mkdir", path, Syscall.MKDIRAT, Argument.AT_FDCWD, at, mode).may(Errno.EEXIST);
    calls.call("mkdir", path, Syscall.FCHMODAT, Argument.AT_FDCWD, at, mode);
    Field byClone = Argument.number(s.byClone() ? 1 : 0);
    calls.add(Op.CGROUP, "", "", new Field.Text(path), byClone);
    s.figures().forEach(file -> calls.add(Op.FIGURE, "", "", text(s.directory().resolve(file))));
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
        Argument.number(flags),
        Argument.number(s.namespaces()));
  }

  private void log(Step.Log s) {
    calls.add(
        Op.LOG,
        "open log",
        s.file().toString(),
        text(s.file()),
        Argument.number(s.maxBytes()),
        Argument.number(s.maxFiles()),
        Argument.number(s.next()),
        new Field.Text(s.attributes()),
        Argument.number(s.reportsRotations() ? 1 : 0));
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
      case Step.Namespace s -> process.namespace(s);
      case Step.Userns s -> process.users(s);
      case Step.Unshare s -> process.unshare(s);
      case Step.JoinTask s -> process.joinTask(s);
      case Step.Sysctl s -> files.sysctl(s);
      case Step.Hostname s -> process.hostname(s.name());
      case Step.Domainname s -> process.domainname(s.name());
      case Step.OomScore s -> oomScore(Integer.toString(s.score()));
      case Step.Rlimit s -> process.limit(s.limit());
      case Step.Cwd s -> process.cwd(s.path());
      case Step.Tty s -> streams.terminal(s);
      case Step.Seccomp s -> process.seccomp(s.filter());
      case Step.Apparmor s -> process.appArmor(s.profile());
      case Step.Attribute s -> process.attribute(s.name(), s.value());
      case Step.Streams s -> streams.streams(s.owner());
      case Step.Caps s -> process.capabilities(s);
      case Step.User s -> process.user(s);
      case Step.Exec s -> {
        streams.take();
        process.exec(s);
      }
    }
  }

  private void oomScore(String score) {
    String file = "/proc/self/oom_score_adj";
    write("write oom_score_adj", score, file, score, Step.May.NOT_FAIL);
  }
}
