package io.jcompose.runtime.plan;

import static io.jcompose.runtime.plan.Argument.flags;
import static io.jcompose.runtime.plan.Argument.number;
import static io.jcompose.runtime.plan.Argument.register;
import static io.jcompose.runtime.plan.Argument.text;

import io.jcompose.runtime.plan.Operation.Call;
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

  /** Each is a descriptor until it is mounted: calls.c, REGISTERS. */
  static final int MOST_SOURCES = 8192;

  static final int NO_SYMLINKS = 1;
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
  Call call(String what, String subject, Syscall syscall, Argument... arguments) {
    Call call = new Call(step, what, subject, syscall, arguments);
    all.add(call);
    return call;
  }

  void add(Op op, String what, String subject, Field... fields) {
    all.add(new Operation.Plain(op, step, what, subject, fields));
  }

  /** What is done when a call had an error that it may have. */
  void unlessDone(Call call, Runnable more) {
    int before = all.size();
    more.run();
    call.unlessDone(all.size() - before);
  }

  /** What is done when a call had none of the errors that it may have. */
  void ifDone(Call call, Runnable more) {
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

  /** Opens a path below a directory, by openat2. */
  Call openIn(String what, int directory, String path, Argument how) {
    String below = path.isEmpty() ? "/" : path;
    return call(
        what, path, Syscall.OPENAT2, register(directory), text(below), how, number(OPEN_HOW));
  }

  /** How openat2 opens. */
  static Argument how(List<Flag> flags, Flag... resolve) {
    Flag[] open = flags.toArray(Flag[]::new);
    ByteBuffer how = Argument.structure(OPEN_HOW);
    how.putLong(0, Argument.valueOf(open)).putLong(16, Argument.valueOf(resolve));
    return Argument.bytes(how, Argument.namesOf(open) + "/" + Argument.namesOf(resolve));
  }

  /** Opens a path in the root, and makes what is missing. */
  void path(String what, String path, int into, boolean noSymlinks, int like) {
    add(
        Op.PATH,
        what,
        path,
        new Field.U32(ROOT),
        new Field.U32(into),
        new Field.U32(noSymlinks ? NO_SYMLINKS : 0),
        new Field.U32(like),
        new Field.Text(path));
  }

  /** Has the kernel write what a file is into the memory. */
  Call statx(String what, String subject, int file) {
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
  static Argument mode() {
    return Argument.modeIn(MODE_AT);
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
        new Field.U32(at),
        new Field.U32(mask),
        new Field.U32(wanted),
        new Field.U32(error.intValue()));
  }

  /** Attaches a mount to a place, both by descriptors. */
  Call attach(String what, String subject, int mount, int at) {
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
  Call copy(String what, String subject, int of, Flag... more) {
    List<Flag> all =
        new ArrayList<>(List.of(Flag.OPEN_TREE_CLONE, Flag.O_CLOEXEC, Flag.AT_EMPTY_PATH));
    all.addAll(List.of(more));
    Argument how = flags(all.toArray(Flag[]::new));
    return call(what, subject, Syscall.OPEN_TREE, register(of), text(""), how);
  }
}
