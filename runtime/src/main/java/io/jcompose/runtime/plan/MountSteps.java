package io.jcompose.runtime.plan;

import static io.jcompose.runtime.plan.Argument.AT_FDCWD;
import static io.jcompose.runtime.plan.Argument.NULL;
import static io.jcompose.runtime.plan.Argument.flags;
import static io.jcompose.runtime.plan.Argument.number;
import static io.jcompose.runtime.plan.Argument.register;
import static io.jcompose.runtime.plan.Argument.text;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import jnr.constants.platform.Errno;

/**
 * Mounts: made detached, given their attributes, then attached to a target that is resolved inside
 * the new root, so that nothing in an image can lead outside and nothing is reopened by path. man 2
 * fsopen, openat2, move_mount, mount_setattr.
 */
final class MountSteps {
  private static final int MOUNT_ATTR = 32;
  private static final int IDMAP = 0x100000;
  private static final int USERNS_AT = 24;
  private static final int STATFS = 120;
  private static final int PROCFS = 0x9fa0; // PROC_SUPER_MAGIC
  private static final Set<String> HOLDING_FILES = Set.of("tmpfs", "devpts");

  private final Calls calls;
  private final FileSteps files;
  private String label =
      ""; // SELinux's, of what new file systems hold; empty: what the policy says
  private int sources;
  private int sourcesUsed;

  MountSteps(Calls calls, FileSteps files) {
    this.calls = calls;
    this.files = files;
  }

  void label(String files) {
    label = files;
  }

  String label() {
    return label;
  }

  int sources() {
    return sources;
  }

  void rootSlave() {
    Field how = flags(Flag.MS_SLAVE, Flag.MS_REC);
    calls.call("make slave", "/", Syscall.MOUNT, text(""), text("/"), text(""), how, NULL);
  }

  /** What a mount gets, and all below it where it is recursive. */
  private Operation setAttributes(String what, String subject, int mount, boolean all, Field how) {
    Field flags = all ? flags(Flag.AT_EMPTY_PATH, Flag.AT_RECURSIVE) : flags(Flag.AT_EMPTY_PATH);
    return calls.call(
        what,
        subject,
        Syscall.MOUNT_SETATTR,
        register(mount),
        text(""),
        flags,
        how,
        number(MOUNT_ATTR));
  }

  private static Field attributes(int set, Step.Propagation propagation) {
    ByteBuffer attributes = Argument.structure(MOUNT_ATTR);
    attributes.putLong(0, set).putLong(16, propagation.code);
    return Argument.bytes(attributes, "set=" + set + "," + propagation);
  }

  private void mapIds(String path, int mount) {
    String what = "map the ids of";
    byte[] attributes = Argument.content(Argument.structure(MOUNT_ATTR).putLong(0, IDMAP));
    Field users = new Field.Bytes(attributes, USERNS_AT, "idmap+" + USERNS_AT);
    calls.add(Op.PATCH, what, path, users, register(Calls.USERS));
    setAttributes(what, path, mount, false, Argument.bytes(attributes, "idmap"));
  }

  /** A new file system, attached nowhere; with options of the step's own, and some before. */
  private void make(Step.Fs s, int attributes, int into, String before) {
    String what = "mount file system";
    int fs = calls.free();
    calls.call(what, s.type(), Syscall.FSOPEN, text(s.type()), flags(Flag.FSOPEN_CLOEXEC)).into(fs);
    set(what, s.type(), fs, "source", text(s.type())).mayFail();
    for (String option : (before + s.options()).split(",")) {
      int equals = option.indexOf('=');
      if (equals >= 0) {
        set(what, s.type(), fs, option.substring(0, equals), text(option.substring(equals + 1)));
      } else if (!option.isEmpty()) {
        configure(what, s.type(), fs, Flag.FSCONFIG_SET_FLAG, text(option), NULL);
      }
    }
    if (!label.isEmpty() && HOLDING_FILES.contains(s.type())) {
      set(what, s.type(), fs, "context", text(label));
    }
    create(what, s.type(), fs);
    mounted(what, s.type(), fs, attributes, into);
    if (!label.isEmpty() && s.type().equals("mqueue")) {
      labelQueues(into);
    }
  }

  /** Made with its namespace, so it takes no option any more. */
  private void labelQueues(int mount) {
    int root = calls.free();
    Field how = flags(Flag.O_RDONLY, Flag.O_DIRECTORY, Flag.O_CLOEXEC);
    calls
        .call("mount file system", "mqueue", Syscall.OPENAT, register(mount), text("."), how)
        .into(root);
    byte[] value = (label + '\0').getBytes(StandardCharsets.UTF_8);
    calls
        .call(
            "mount file system",
            "mqueue",
            Syscall.FSETXATTR,
            register(root),
            text("security.selinux"),
            Argument.bytes(value, label),
            number(value.length),
            NULL)
        .may(Errno.EOPNOTSUPP);
  }

  private Operation set(String what, String subject, int fs, String key, Field value) {
    return configure(what, subject, fs, Flag.FSCONFIG_SET_STRING, text(key), value);
  }

  private Operation configure(
      String what, String subject, int fs, Flag command, Field key, Field value) {
    return calls.call(
        what, subject, Syscall.FSCONFIG, register(fs), flags(command), key, value, NULL);
  }

  private void create(String what, String subject, int fs) {
    configure(what, subject, fs, Flag.FSCONFIG_CMD_CREATE, NULL, NULL);
  }

  private void mounted(String what, String subject, int fs, int attributes, int into) {
    calls
        .call(
            what,
            subject,
            Syscall.FSMOUNT,
            register(fs),
            flags(Flag.FSMOUNT_CLOEXEC),
            number(attributes))
        .into(into);
  }

  /** A procfs of nobody's but this process's. */
  int ownProc(String what, String subject) {
    int fs = calls.free();
    int mount = calls.free();
    calls.call(what, subject, Syscall.FSOPEN, text("proc"), flags(Flag.FSOPEN_CLOEXEC)).into(fs);
    create(what, subject, fs);
    int attributes = MountAttributes.NOSUID | MountAttributes.NODEV | MountAttributes.NOEXEC;
    mounted(what, subject, fs, attributes, mount);
    return mount;
  }

  void fs(Step.Fs s) {
    boolean proc = s.type().equals("proc");
    int mount = proc ? Calls.PROC : calls.free();
    if (s.at() == Step.Fs.Target.MODE_GIVING) {
      makeLike(s, mount);
    } else {
      make(s, s.attributes(), mount, "");
    }
    int at = calls.free();
    calls.path("open mount target", s.target(), at, s.at() == Step.Fs.Target.REAL, -1);
    calls.attach("move_mount", s.target(), mount, at);
    files.forget();
  }

  /** With the mode of what is there, and 1777 where nothing is. */
  private void makeLike(Step.Fs s, int mount) {
    make(s, s.attributes() & ~MountAttributes.RDONLY, mount, "mode=1777,");
    int below = calls.free();
    Operation open =
        calls.openIn("stat", Calls.ROOT, s.target(), FileSteps.IN_ROOT).into(below).mayFail();
    calls.ifDone(
        open,
        () -> {
          calls.statx("stat", s.target(), below);
          Field root = register(mount);
          calls.call("chmod", s.target(), Syscall.FCHMODAT, root, text("."), Calls.mode());
        });
    if ((s.attributes() & MountAttributes.RDONLY) != 0) {
      Field only = attributes(MountAttributes.RDONLY, Step.Propagation.AS_MADE);
      setAttributes("make read-only", s.target(), mount, false, only);
    }
  }

  /**
   * Opens what is to be mounted while the tree is still the host's peer, so that mounts of the
   * container reach the host, and while the child has the privilege to reach it.
   */
  void source(Step.Source s) {
    if (sources == Calls.MOST_SOURCES) {
      calls.check("bind mount source", s.path(), 0, 0, 1, Errno.E2BIG);
      return;
    }
    int mount = Calls.SOURCES + sources++;
    if (s.mountNamespace().isEmpty()) {
      openSource(s, mount);
    } else {
      openElsewhere(s, mount);
    }
    if (s.mapped()) {
      mapIds(s.path(), mount);
    }
  }

  /** Nothing can be cloned from outside of its own mount namespace: man 2 open_tree. */
  private void openElsewhere(Step.Source s, int mount) {
    String of = s.mountNamespace();
    int home = calls.open("enter", "/proc/self/ns/mnt", Flag.O_RDONLY, Flag.O_CLOEXEC);
    int root = calls.open("enter", "/", Flag.O_PATH, Flag.O_CLOEXEC);
    int there = calls.open("enter", of, Flag.O_RDONLY, Flag.O_CLOEXEC);
    calls.call("enter", of, Syscall.SETNS, register(there), number(CloneFlags.NEWNS));
    openSource(s, mount);
    calls.call("leave", of, Syscall.SETNS, register(home), number(CloneFlags.NEWNS));
    calls.call("leave", of, Syscall.FCHDIR, register(root));
    calls.call("leave", of, Syscall.CHROOT, text("."));
  }

  private void openSource(Step.Source s, int mount) {
    if (s.inside().isEmpty()) {
      openTree(s.path(), s.recursive(), mount);
      return;
    }
    // a directory in which containers may have made links: none is followed
    int directory = calls.free();
    int at = calls.free();
    calls
        .call(
            "open subpath",
            s.inside(),
            Syscall.OPENAT,
            AT_FDCWD,
            text(s.path()),
            flags(Flag.O_PATH, Flag.O_DIRECTORY, Flag.O_CLOEXEC))
        .into(directory);
    calls.openIn("open subpath", directory, s.inside(), FileSteps.NO_LINKS).into(at);
    Flag[] more = s.recursive() ? new Flag[] {Flag.AT_RECURSIVE} : new Flag[0];
    calls.copy("bind mount source", s.path(), at, more).into(mount);
  }

  private void openTree(String path, boolean recursive, int into) {
    List<Flag> how = new ArrayList<>(List.of(Flag.OPEN_TREE_CLONE, Flag.O_CLOEXEC));
    if (recursive) {
      how.add(Flag.AT_RECURSIVE);
    }
    calls
        .call(
            "bind mount source",
            path,
            Syscall.OPEN_TREE,
            AT_FDCWD,
            text(path),
            flags(how.toArray(Flag[]::new)))
        .into(into);
  }

  void bind(Step.Bind s) {
    int mount;
    if (s.source().isEmpty()) {
      mount = Calls.SOURCES + sourcesUsed++;
      if (s.target().equals("/proc")) {
        calls.call(
            "look at", s.target(), Syscall.FSTATFS, register(mount), Argument.memory(STATFS));
        calls.check("look at", s.target(), 0, -1, PROCFS, Errno.ENODEV);
        files.proc(mount);
      }
    } else {
      mount = calls.free();
      openTree(s.source(), s.recursive(), mount);
    }
    if (s.attributes() != 0 || s.propagation() != Step.Propagation.AS_MADE) {
      Field how = attributes(s.attributes(), s.propagation());
      setAttributes("mount_setattr", s.source(), mount, s.recursive(), how);
    }
    if (s.ownFile()) {
      files.removeOwnLink(s.target());
    } else {
      files.forget();
    }
    int at = calls.free();
    calls.path("open mount target", s.target(), at, false, mount);
    calls.attach("bind mount on", s.target(), mount, at);
  }

  /**
   * Covers a directory with itself, its owners mapped: overlayfs takes its layers from mounts of
   * this namespace only (before 6.15).
   */
  void idmap(Step.Idmap s) {
    String path = s.path().toString();
    int mount = calls.free();
    Field how = flags(Flag.OPEN_TREE_CLONE, Flag.O_CLOEXEC);
    calls.call("open", path, Syscall.OPEN_TREE, AT_FDCWD, text(path), how).into(mount);
    mapIds(path, mount);
    Field over = flags(Flag.MOVE_MOUNT_F_EMPTY_PATH, Flag.MOVE_MOUNT_T_SYMLINKS);
    calls.call(
        "cover", path, Syscall.MOVE_MOUNT, register(mount), text(""), AT_FDCWD, text(path), over);
  }

  void cover(Step.Cover s) {
    Field how = flags(Flag.MS_NOSUID, Flag.MS_NODEV, Flag.MS_NOEXEC);
    String path = s.path().toString();
    calls.call(
        "cover",
        path,
        Syscall.MOUNT,
        text("none"),
        text(path),
        text("tmpfs"),
        how,
        text("size=4k"));
  }

  /**
   * The host's null, read-only, so that nobody in the container changes its mode or owner.
   * CVE-2025-31133: what is no null must not become writable in the place of what is masked.
   */
  void nullCover() {
    String path = "/dev/null";
    Field how = flags(Flag.OPEN_TREE_CLONE, Flag.O_CLOEXEC, Flag.AT_SYMLINK_NOFOLLOW);
    calls
        .call("mask by", path, Syscall.OPEN_TREE, AT_FDCWD, text(path), how)
        .into(Calls.NULL_COVER);
    calls.statx("mask by", path, Calls.NULL_COVER);
    calls.checkDevice("mask by", path, 0020000, 1, 3, Errno.ENODEV);
    int set = MountAttributes.RDONLY | MountAttributes.NOSUID | MountAttributes.NOEXEC;
    Field attributes = attributes(set, Step.Propagation.AS_MADE);
    setAttributes("mask by", path, Calls.NULL_COVER, false, attributes);
  }

  /** One empty read-only tmpfs, shared. */
  void emptyCover() {
    int attributes =
        MountAttributes.RDONLY
            | MountAttributes.NOSUID
            | MountAttributes.NODEV
            | MountAttributes.NOEXEC;
    String options = "nr_blocks=1,nr_inodes=2";
    Step.Fs fs = new Step.Fs("tmpfs", "", options, attributes, Step.Fs.Target.ANYTHING);
    make(fs, attributes, Calls.EMPTY_COVER, "");
  }

  void readOnly(Step.Readonly s) {
    String what = "make read-only";
    Field only = attributes(MountAttributes.RDONLY, Step.Propagation.AS_MADE);
    int at = calls.free();
    Operation open =
        calls.openIn("open", Calls.ROOT, s.path(), FileSteps.IN_ROOT).into(at).may(Errno.ENOENT);
    calls.ifDone(
        open,
        () -> {
          if (s.isMount()) { // then it is changed where it is, else covered by a view of itself
            setAttributes(what, s.path(), at, false, only);
            return;
          }
          int view = calls.free();
          calls.copy(what, s.path(), at, Flag.AT_RECURSIVE).into(view);
          setAttributes(what, s.path(), view, true, only);
          calls.attach(what, s.path(), view, at);
        });
  }

  void rootReadOnly() {
    Field only = attributes(MountAttributes.RDONLY, Step.Propagation.AS_MADE);
    setAttributes("make root", "read-only", Calls.ROOT, false, only);
  }

  void pivot() {
    int old = calls.open("open", "/", Flag.O_RDONLY, Flag.O_DIRECTORY, Flag.O_CLOEXEC);
    calls.call("open", "root", Syscall.FCHDIR, register(Calls.ROOT));
    calls.call("pivot_root", "", Syscall.PIVOT_ROOT, text("."), text("."));
    String what = "leave";
    String subject = "old root";
    calls.call(what, subject, Syscall.FCHDIR, register(old));
    Field slave = flags(Flag.MS_SLAVE, Flag.MS_REC);
    calls.call(what, subject, Syscall.MOUNT, text(""), text("."), text(""), slave, NULL);
    calls.call(what, subject, Syscall.UMOUNT2, text("."), flags(Flag.MNT_DETACH));
    calls.call(what, subject, Syscall.CHDIR, text("/"));
  }
}
