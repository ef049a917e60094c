package io.jcompose.runtime.plan;

import java.nio.file.Path;

/** The arguments of each step in the protocol: docs/developers/shim-protocol.md. */
final class StepEncoder {
  static final int TASK_TTY = 1;
  static final int TASK_STDIN = 2;
  static final int TASK_KILL_REST = 4;
  static final int BIND_RECURSIVE = 1;
  static final int BIND_OWN_FILE = 2;
  static final int LOG_PACK = 1;
  static final int CG_JOIN = 1;
  static final int CG_CLONE_INTO = 2;
  static final int CG_OOM = 4;
  private static final int ATTACHES = 16;
  private static final int RAISE = 2;

  private StepEncoder() {}

  static void write(Step step, StepWriter to) {
    switch (step) {
      case Step.OfShim s -> shim(s, to);
      case Step.OfFiles s -> files(s, to);
      case Step.OfProcess s -> process(s, to);
      case Step.Simple s -> to.step(s.op);
    }
  }

  private static void shim(Step.OfShim step, StepWriter to) {
    switch (step) {
      case Step.Task s -> task(s, to);
      case Step.Meta s -> to.step(Op.META).bytes(s.bytes());
      case Step.Namespace s -> to.step(Op.NAMESPACE).u32(s.type()).text(s.path());
      case Step.Cgroup s ->
          path(to.step(Op.CGROUP), s.directory())
              .u32(CG_JOIN | (s.byClone() ? CG_CLONE_INTO : 0) | (s.countsOom() ? CG_OOM : 0));
      case Step.Write s -> path(to.step(Op.WRITE), s.file()).text(s.value()).u32(s.may().code);
      case Step.Log s ->
          to.step(Op.LOG).u32(s.reportsRotations() ? LOG_PACK : 0).text(s.attributes());
      case Step.Runtime s ->
          path(to.step(Op.RUNTIME), s.pidFile()).bytes(s.start()).bytes(s.delete());
    }
  }

  private static StepWriter path(StepWriter to, Path path) {
    return to.text(path.toString());
  }

  private static void task(Step.Task s, StepWriter to) {
    int flags =
        (s.terminal() ? TASK_TTY : 0)
            | (s.input() ? TASK_STDIN : 0)
            | (s.killsRest() ? TASK_KILL_REST : 0)
            | Math.min(s.attaches(), ATTACHES) << 8;
    to.step(Op.TASK).text(s.id());
    path(path(to, s.runDir()), s.exitRecord())
        .text(s.log() == null ? "" : s.log().toString())
        .u64(s.logBytes())
        .u32(s.logFiles())
        .u32(flags)
        .u64(s.namespaces());
  }

  private static void files(Step.OfFiles step, StepWriter to) {
    switch (step) {
      case Step.Overlay s -> overlay(s, to);
      case Step.Fs s -> fs(s, to);
      case Step.Bind s -> bind(s, to);
      case Step.Source s -> source(s, to);
      case Step.Device s -> device(s, to);
      case Step.Idmap s -> path(to.step(Op.IDMAP), s.path());
      case Step.Cover s -> path(to.step(Op.COVER), s.path());
      case Step.Symlink s -> to.step(Op.SYMLINK).text(s.content()).text(s.path());
      case Step.OwnSymlink s -> to.step(Op.OWN_SYMLINK).text(s.content()).text(s.path());
      case Step.Mask s -> to.step(Op.MASK).text(s.path());
      case Step.Mkdir s -> to.step(Op.MKDIR).text(s.path());
      case Step.Readonly s -> to.step(Op.READONLY).text(s.path()).flag(s.isMount());
      case Step.FileLabel s -> to.step(Op.FILE_LABEL).text(s.label());
    }
  }

  private static void overlay(Step.Overlay s, StepWriter to) {
    to.step(Op.OVERLAY).u32(s.user()).u32(s.group());
    to.texts(s.lower().stream().map(Path::toString).toList());
    path(path(path(to, s.upper()), s.work()), s.at()).text(""); // no options of its own
  }

  private static void fs(Step.Fs s, StepWriter to) {
    to.step(Op.FS)
        .text(s.type())
        .text(s.target())
        .text(s.options())
        .u32(s.attributes())
        .u32(s.at().code);
  }

  private static void source(Step.Source s, StepWriter to) {
    to.step(Op.SOURCE)
        .text(s.path())
        .flag(s.recursive())
        .flag(s.mapped())
        .text(s.mountNamespace())
        .text(s.inside());
  }

  private static void bind(Step.Bind s, StepWriter to) {
    int flags = (s.recursive() ? BIND_RECURSIVE : 0) | (s.ownFile() ? BIND_OWN_FILE : 0);
    to.step(Op.BIND)
        .text(s.source())
        .text(s.target())
        .u32(flags)
        .u32(s.attributes())
        .u32(s.propagation().code);
  }

  private static void device(Step.Device s, StepWriter to) {
    to.step(Op.DEVICE)
        .text(s.path())
        .u32(s.mode())
        .u32(s.major())
        .u32(s.minor())
        .u32(s.uid())
        .u32(s.gid());
  }

  private static void process(Step.OfProcess step, StepWriter to) {
    switch (step) {
      case Step.Userns s ->
          to.step(Op.USERNS).u32(s.rootUser()).u32(s.rootGroup()).u32(s.namespaces());
      case Step.Unshare s -> to.step(Op.UNSHARE).u32(s.namespaces());
      case Step.JoinTask s -> to.step(Op.JOIN_TASK).u32(s.namespaces());
      case Step.Sysctl s -> to.step(Op.SYSCTL).text("sys/" + s.path()).text(s.value());
      case Step.Hostname s -> to.step(Op.HOSTNAME).text(s.name());
      case Step.Domainname s -> to.step(Op.DOMAINNAME).text(s.name());
      case Step.Keyring s -> to.step(Op.KEYRING).text(s.name());
      case Step.OomScore s -> to.step(Op.OOM_SCORE).text(Integer.toString(s.score()));
      case Step.Rlimit s -> rlimit(s, to);
      case Step.Cwd s -> to.step(Op.CWD).text(s.path());
      case Step.Tty s -> to.step(Op.TTY).flag(s.console()).u32(s.rows()).u32(s.columns());
      case Step.Seccomp s -> to.step(Op.SECCOMP).bytes(s.filter());
      case Step.AppArmor s -> to.step(Op.APPARMOR).text(s.profile());
      case Step.Attribute s -> to.step(Op.ATTRIBUTE).text(s.name()).text(s.value());
      case Step.Caps s -> to.step(Op.CAPS).u64(s.mask());
      case Step.User s -> to.step(Op.USER).text(s.user()).text(s.group()).texts(s.more());
      case Step.Exec s -> to.step(Op.EXEC).flag(s.init()).texts(s.args()).texts(s.env());
    }
  }

  private static void rlimit(Step.Rlimit s, StepWriter to) {
    ResourceLimit limit = s.limit();
    int yields = limit.atMost() ? 1 : 0;
    to.step(Op.RLIMIT)
        .u32(limit.resource())
        .u64(limit.soft())
        .u64(limit.hard())
        .u32(s.raises() ? RAISE : yields);
  }
}
