package io.jcompose.runtime.plan;

import static io.jcompose.runtime.plan.Argument.flags;
import static io.jcompose.runtime.plan.Argument.number;
import static io.jcompose.runtime.plan.Argument.register;
import static io.jcompose.runtime.plan.Argument.text;

import java.nio.ByteBuffer;
import jnr.constants.platform.Errno;

/** The process's standard streams: a terminal, or what the shim has made. */
final class StreamSteps {
  private static final String STREAMS = "standard streams";
  private static final String PTMX = "/dev/pts/ptmx";
  private static final String CONSOLE = "/dev/console";
  private static final int DEVPTS = 0x1cd1;
  private static final int STATFS = 120;

  private final Calls calls;
  private boolean isTerminal;

  StreamSteps(Calls calls) {
    this.calls = calls;
  }

  void terminal(Step.Tty s) {
    isTerminal = true;
    // looked at before it is opened, and again
    openTerminal(Flag.O_PATH, Flag.O_NOFOLLOW, Flag.O_CLOEXEC);
    int master = openTerminal(Flag.O_RDWR, Flag.O_NOCTTY, Flag.O_NOFOLLOW, Flag.O_CLOEXEC);
    Field off = Argument.bytes(new byte[Integer.BYTES], "0");
    calls.call("unlock", PTMX, Syscall.IOCTL, register(master), flags(Flag.TIOCSPTLCK), off);
    int slave = openOther(master);
    if (s.rows() != 0 && s.columns() != 0) {
      size(master, s.rows(), s.columns());
    }
    if (s.console()) {
      console(slave);
    }
    calls.add(Op.TERMINAL, "send", "terminal", register(master));
    for (int stream = 0; stream < 3; stream++) {
      calls.call("dup", "terminal", Syscall.DUP3, register(slave), number(stream), number(0));
    }
  }

  /**
   * Makes the terminal, if any, that of the session: the kernel hangs it up when its leader ends.
   */
  void take() {
    if (isTerminal) {
      calls.call("take", "terminal", Syscall.IOCTL, number(0), flags(Flag.TIOCSCTTY), number(0));
    }
  }

  /** What is no devpts is not the container's own. */
  private int openTerminal(Flag... how) {
    int file = calls.free();
    calls.openInside("open", PTMX, 0, how).into(file);
    calls.call("open", PTMX, Syscall.FSTATFS, register(file), Argument.memory(STATFS));
    calls.check("open", PTMX, 0, -1, DEVPTS, Errno.ENODEV);
    return file;
  }

  private int openOther(int master) {
    int slave = calls.free();
    Field how = flags(Flag.O_RDWR, Flag.O_NOCTTY, Flag.O_CLOEXEC);
    calls
        .call("open", "terminal", Syscall.IOCTL, register(master), flags(Flag.TIOCGPTPEER), how)
        .into(slave);
    return slave;
  }

  private void size(int master, int rows, int columns) {
    ByteBuffer size = Argument.structure(8).putShort((short) rows).putShort((short) columns);
    Field window = Argument.bytes(size, rows + "x" + columns);
    Field set = flags(Flag.TIOCSWINSZ);
    calls.call("size", "terminal", Syscall.IOCTL, register(master), set, window).mayFail();
  }

  private void console(int slave) {
    String what = "bind terminal on";
    Flag[] made = {Flag.O_CREAT, Flag.O_NOFOLLOW, Flag.O_CLOEXEC, Flag.O_NOCTTY};
    calls.openInside(what, CONSOLE, 0600, made).into(calls.free()).mayFail();
    int at = calls.free();
    calls.openInside(what, CONSOLE, 0, Flag.O_PATH, Flag.O_NOFOLLOW, Flag.O_CLOEXEC).into(at);
    int mount = calls.free();
    calls.copy(what, CONSOLE, slave).into(mount);
    calls.attach(what, CONSOLE, mount, at);
  }

  /**
   * Standard streams belong to the user, so that a server may open /dev/stdout again. Then nothing
   * else stays open.
   */
  void streams(int owner) {
    if (!isTerminal) {
      Operation given = stream(register(Calls.IN), 0).may(Errno.EBADF);
      calls.unlessDone(given, this::noInput);
      stream(register(Calls.OUT), 1);
      stream(register(Calls.ERR), 2);
    }
    if (owner != 0 && isTerminal) {
      own(number(0), owner);
    }
    for (int stream = Calls.IN; owner != 0 && !isTerminal && stream <= Calls.ERR; stream++) {
      own(register(stream), owner);
    }
    calls.add(Op.CLOSE, "close", "descriptors");
  }

  private void own(Field stream, int owner) {
    calls
        .call("chown", STREAMS, Syscall.FCHOWN, stream, number(owner), number(-1))
        .may(Errno.EBADF, Errno.EPERM, Errno.EROFS, Errno.EINVAL);
  }

  private Operation stream(Field file, int number) {
    return calls.call("set", STREAMS, Syscall.DUP3, file, number(number), number(0));
  }

  /**
   * The container's own null, for what is done to a descriptor of the host's is done to the host's
   * file. A mount on /dev may hold none, or a link: then the input of nobody, which ends too.
   */
  private void noInput() {
    int input = calls.free();
    Flag[] how = {Flag.O_RDONLY, Flag.O_NONBLOCK, Flag.O_NOCTTY, Flag.O_CLOEXEC};
    Operation open = calls.openInside("set", "/dev/null", 0, how).into(input).mayFail();
    Field own = flags(Flag.MFD_CLOEXEC);
    calls.unlessDone(
        open,
        () -> calls.call("set", STREAMS, Syscall.MEMFD_CREATE, text("none"), own).into(input));
    stream(register(input), 0);
  }
}
