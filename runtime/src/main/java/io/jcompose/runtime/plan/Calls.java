package io.jcompose.runtime.plan;

import static io.jcompose.runtime.plan.Argument.flags;
import static io.jcompose.runtime.plan.Argument.number;
import static io.jcompose.runtime.plan.Argument.register;
import static io.jcompose.runtime.plan.Argument.text;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import jnr.constants.platform.Errno;

/**
 * The operations of a plan in the making, and which registers have which descriptors. Built by one
 * thread.
 */
final class Calls {
  // The shim fills these: shim.h.
  static final int IN = 0;
  static final int OUT = 1;
  static final int ERR = 2;
  static final int TASK = 3;

  /** The root that is made. */
  static final int ROOT = 4;

  /** The procfs in it. */
  static final int PROC = 5;

  /** The user namespace. */
  static final int USERS = 6;

  /** Shown in the place of a masked file, and of a masked directory. */
  static final int NULL_COVER = 7;

  static final int EMPTY_COVER = 8;

  /** The directory that nodes and links are made in, one after the other. */
  static final int PARENT = 9;

  static final int OWN_PARENT = 10;
  static final int LAYERS = 512;
  static final int SOURCES = 1024;

  /** Each is a descriptor until it is mounted: plan.c, REGISTERS. */
  static final int MOST_SOURCES = 8192;

  private static final int FIRST_FREE = 16;
  private static final int FREE = 128;
  private static final int OPEN_HOW = 24;
  private static final int STATX = 256;
  private static final int STATX_TYPE_AND_MODE = 3;
  private static final int MODE_AT = 28;
  private static final int MAJOR_AT = 128;
  private static final int MINOR_AT = 132;
  private static final int TYPE_MASK = 0170000;

  private final List<Operation> all = new ArrayList<>(384);
  private int step;
  private int taken;

  /** The operations follow of which step of the plan. */
  void at(int number) {
    step = number;
  }

  List<Operation> all() {
    return all;
  }

  /**
   * A register for a descriptor that is needed for a while: the shim closes what it had before, so
   * that no plan needs more than so many.
   */
  int free() {
    return FIRST_FREE + taken++ % FREE;
  }

  /** Adds a call; what it does, and on what, are the words of its failure. */
  Operation call(String what, String subject, Syscall syscall, Field... arguments) {
    Operation call = Operation.call(step, what, subject, syscall, arguments);
    all.add(call);
    return call;
  }

  Operation add(Op op, String what, String subject, Field... fields) {
    Operation operation = Operation.of(op, step, what, subject, fields);
    all.add(operation);
    return operation;
  }

  /** What is done when a call had an error that it may have. */
  void unlessDone(Operation call, Runnable more) {
    int before = all.size();
    more.run();
    call.unlessDone(all.size() - before);
  }

  /** What is done when a call had none of the errors that it may have. */
  void ifDone(Operation call, Runnable more) {
    int before = all.size();
    more.run();
    call.ifDone(all.size() - before);
  }

  /** Opens a path of the host's. */
  int open(String what, String path, Flag... flags) {
    int file = free();
    call(what, path, Syscall.OPENAT, Argument.AT_FDCWD, text(path), flags(flags)).into(file);
    return file;
  }

  /**
   * Opens a path of the container's, which follows no link: before {@link Op#CLOSE} one might lead
   * to what is open here ({@code /proc/self/fd/7}: CVE-2024-21626).
   */
  Operation openInside(String what, String path, int mode, Flag... flags) {
    ByteBuffer how = Argument.structure(OPEN_HOW);
    how.putLong(0, Argument.valueOf(flags)).putLong(8, mode);
    how.putLong(16, Argument.valueOf(Flag.RESOLVE_NO_SYMLINKS, Flag.RESOLVE_NO_MAGICLINKS));
    Field bytes = Argument.bytes(how, Argument.namesOf(flags) + "/no links");
    return call(
        what, path, Syscall.OPENAT2, Argument.AT_FDCWD, text(path), bytes, number(OPEN_HOW));
  }

  /** Opens a path below a directory, by openat2. */
  Operation openIn(String what, int directory, String path, Field how) {
    String below = path.isEmpty() ? "/" : path;
    return call(
        what, path, Syscall.OPENAT2, register(directory), text(below), how, number(OPEN_HOW));
  }

  /** How openat2 opens. */
  static Field how(List<Flag> flags, Flag... resolve) {
    Flag[] open = flags.toArray(Flag[]::new);
    ByteBuffer how = Argument.structure(OPEN_HOW);
    how.putLong(0, Argument.valueOf(open)).putLong(16, Argument.valueOf(resolve));
    return Argument.bytes(how, Argument.namesOf(open) + "/" + Argument.namesOf(resolve));
  }

  /** Opens a path in the root, and makes what is missing. */
  void path(String what, String path, int into, boolean noSymlinks, int like) {
    Field links = number(noSymlinks ? 1 : 0);
    add(Op.PATH, what, path, register(ROOT), text(path), register(like), links).into(into);
  }

  /** Has the kernel write what a file is into the memory. */
  Operation statx(String what, String subject, int file) {
    return call(
        what,
        subject,
        Syscall.STATX,
        register(file),
        text(""),
        flags(Flag.AT_EMPTY_PATH),
        number(STATX_TYPE_AND_MODE),
        Argument.memory(STATX));
  }

  /** The mode that {@link #statx} wrote. */
  static Field mode() {
    return new Field.Half(MODE_AT);
  }

  /** Fails unless {@link #statx} found this device. */
  void checkDevice(String what, String subject, int mode, int major, int minor, Errno error) {
    check(what, subject, MODE_AT, TYPE_MASK, mode & TYPE_MASK, error);
    check(what, subject, MAJOR_AT, -1, major, error);
    check(what, subject, MINOR_AT, -1, minor, error);
  }

  /** Fails by this error unless the memory has these bits. */
  void check(String what, String subject, int at, int mask, int wanted, Errno error) {
    add(
        Op.CHECK,
        what,
        subject,
        new Field.Memory(Integer.BYTES, at),
        Field.Number.of(mask),
        Field.Number.of(wanted),
        Field.Number.of(error.intValue()));
  }

  /** Attaches a mount to a place, both by descriptors. */
  Operation attach(String what, String subject, int mount, int at) {
    return call(
        what,
        subject,
        Syscall.MOVE_MOUNT,
        register(mount),
        text(""),
        register(at),
        text(""),
        flags(Flag.MOVE_MOUNT_F_EMPTY_PATH, Flag.MOVE_MOUNT_T_EMPTY_PATH));
  }

  /** A copy of the mount at a descriptor, attached nowhere. */
  Operation copy(String what, String subject, int of, Flag... more) {
    List<Flag> all =
        new ArrayList<>(List.of(Flag.OPEN_TREE_CLONE, Flag.O_CLOEXEC, Flag.AT_EMPTY_PATH));
    all.addAll(List.of(more));
    Field how = flags(all.toArray(Flag[]::new));
    return call(what, subject, Syscall.OPEN_TREE, register(of), text(""), how);
  }
}
