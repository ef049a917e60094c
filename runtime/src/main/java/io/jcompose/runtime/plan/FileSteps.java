package io.jcompose.runtime.plan;

import static io.jcompose.runtime.plan.Argument.number;
import static io.jcompose.runtime.plan.Argument.register;
import static io.jcompose.runtime.plan.Argument.text;

import io.jcompose.linux.file.FileStatus;
import java.nio.charset.StandardCharsets;
import java.util.List;
import jnr.constants.platform.Errno;

/** Nodes, links and masks in the root that is made. */
final class FileSteps {
  /** As if the root were the root: nothing in an image leads out of it. */
  static final Field IN_ROOT =
      Calls.how(
          List.of(Flag.O_PATH, Flag.O_CLOEXEC), Flag.RESOLVE_IN_ROOT, Flag.RESOLVE_NO_MAGICLINKS);

  static final Field NO_LINKS =
      Calls.how(
          List.of(Flag.O_PATH, Flag.O_CLOEXEC),
          Flag.RESOLVE_IN_ROOT,
          Flag.RESOLVE_NO_SYMLINKS,
          Flag.RESOLVE_NO_MAGICLINKS);

  private static final Field DIRECTORY =
      Calls.how(
          List.of(Flag.O_PATH, Flag.O_DIRECTORY, Flag.O_CLOEXEC),
          Flag.RESOLVE_IN_ROOT,
          Flag.RESOLVE_NO_MAGICLINKS);

  /** In the container's own layer only: what is mounted in it is somebody else's. */
  private static final Field OWN =
      Calls.how(
          List.of(Flag.O_PATH, Flag.O_DIRECTORY, Flag.O_CLOEXEC),
          Flag.RESOLVE_IN_ROOT,
          Flag.RESOLVE_NO_MAGICLINKS,
          Flag.RESOLVE_NO_XDEV);

  private static final Field OF_PROC =
      Calls.how(
          List.of(Flag.O_WRONLY, Flag.O_CLOEXEC),
          Flag.RESOLVE_BENEATH,
          Flag.RESOLVE_NO_SYMLINKS,
          Flag.RESOLVE_NO_XDEV);

  private final Calls calls;
  private String parent = ""; // which path is open in PARENT, or none
  private int proc = Calls.PROC;

  FileSteps(Calls calls) {
    this.calls = calls;
  }

  /** Another mount may cover the directory that is open. */
  void forget() {
    parent = "";
  }

  private static String directoryOf(String path) {
    return path.substring(0, Math.max(path.lastIndexOf('/'), 0));
  }

  private static String nameOf(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  /** Several nodes in a row are mostly of one directory. */
  private void openParent(String what, String path) {
    String directory = directoryOf(path);
    if (!directory.equals(parent) || parent.isEmpty()) {
      calls.path(what, directory.isEmpty() ? "/" : directory, Calls.PARENT, false, -1);
      parent = directory;
    }
  }

  void device(Step.Device s) {
    String path = s.path();
    openParent("open directory of device", path);
    Field directory = register(Calls.PARENT);
    Field name = text(nameOf(path));
    Field mode = Argument.octal(s.mode());
    Field device = number(FileStatus.device(s.major(), s.minor()));
    Operation made =
        calls.call("mknod", path, Syscall.MKNODAT, directory, name, mode, device).may(Errno.EEXIST);
    int node = calls.free();
    if (s.uid() == 0 && s.gid() == 0) {
      calls.unlessDone(made, () -> openDevice(s, node));
      return;
    }
    openDevice(s, node);
    Field how = Argument.flags(Flag.AT_EMPTY_PATH);
    Field file = register(node);
    calls.call(
        "chown", path, Syscall.FCHOWNAT, file, text(""), number(s.uid()), number(s.gid()), how);
  }

  /** One that was there before must be the one that is wanted. */
  private void openDevice(Step.Device s, int into) {
    Field how = Argument.flags(Flag.O_PATH, Flag.O_NOFOLLOW, Flag.O_CLOEXEC);
    Field name = text(nameOf(s.path()));
    calls
        .call("open device", s.path(), Syscall.OPENAT, register(Calls.PARENT), name, how)
        .into(into);
    calls.statx("open device", s.path(), into);
    calls.checkDevice("check device", s.path(), s.mode(), s.major(), s.minor(), Errno.EEXIST);
  }

  void symlink(Step.Symlink s) {
    openParent("symlink", s.path());
    link(s.content(), s.path(), Calls.PARENT);
  }

  private void link(String content, String path, int directory) {
    calls
        .call(
            "symlink",
            path,
            Syscall.SYMLINKAT,
            text(content),
            register(directory),
            text(nameOf(path)))
        .may(Errno.EEXIST);
  }

  private Operation openOwnParent(String what, String path) {
    return calls.openIn(what, Calls.ROOT, directoryOf(path), OWN).into(Calls.OWN_PARENT).mayFail();
  }

  void ownSymlink(Step.OwnSymlink s) {
    Operation open = openOwnParent("symlink", s.path());
    calls.ifDone(open, () -> link(s.content(), s.path(), Calls.OWN_PARENT));
  }

  /**
   * Where the container shall have a file of its own, a link of the image goes: it may lead into a
   * volume.
   */
  void removeOwnLink(String path) {
    String what = "replace the link";
    Field directory = register(Calls.OWN_PARENT);
    Field name = text(nameOf(path));
    Operation open = openOwnParent(what, path);
    calls.ifDone(
        open,
        () -> {
          Field one = Argument.memory(1);
          Operation read =
              calls.call(what, path, Syscall.READLINKAT, directory, name, one, number(1)).mayFail();
          calls.ifDone(
              read, () -> calls.call(what, path, Syscall.UNLINKAT, directory, name, number(0)));
        });
  }

  void mkdir(Step.Mkdir s) {
    calls.path("mkdir", s.path(), calls.free(), false, -1);
  }

  /** A mount object is made once and copied: half the calls. */
  void mask(Step.Mask s) {
    int cover = s.directory() ? Calls.EMPTY_COVER : Calls.NULL_COVER;
    int at = calls.free();
    Operation open =
        calls
            .openIn("open to mask", Calls.ROOT, s.path(), s.directory() ? DIRECTORY : IN_ROOT)
            .into(at)
            .may(Errno.ENOENT, Errno.ENOTDIR);
    calls.ifDone(
        open,
        () -> {
          int copy = calls.free();
          // Linux before 6.15 copies only what is attached, so the first one is used itself.
          Operation copied = calls.copy("mask", s.path(), cover).into(copy).may(Errno.EINVAL);
          calls.unlessDone(copied, () -> calls.attach("mask", s.path(), cover, at).unlessDone(1));
          calls.attach("mask", s.path(), copy, at);
        });
  }

  /** Where the task's procfs is, if none was made. */
  void proc(int register) {
    proc = register;
  }

  /** Through the task's procfs, never by a path: CVE-2025-52881. */
  void sysctl(Step.Sysctl s) {
    String path = "sys/" + s.path();
    int file = calls.free();
    calls.openIn("set sysctl", proc, path, OF_PROC).into(file);
    byte[] value = s.value().getBytes(StandardCharsets.UTF_8);
    calls.call(
        "set sysctl",
        path,
        Syscall.WRITE,
        register(file),
        Argument.chars(s.value()),
        number(value.length));
  }
}
