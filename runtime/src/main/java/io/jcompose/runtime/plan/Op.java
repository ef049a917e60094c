package io.jcompose.runtime.plan;

/**
 * Operations by their numbers in the protocol, as shim.h and docs/developers/shim-protocol.md have
 * them; the first ones are the shim's, those from 20 its child's.
 */
public enum Op {
  TASK(1),
  META(2),
  NAMESPACE(3),
  CGROUP(4),
  WRITE(5),
  LOG(6),
  RUNTIME(7),
  ROOT_SLAVE(20),
  OVERLAY(21),
  FS(22),
  BIND(23),
  DEVICE(24),
  SYMLINK(25),
  MASK(26),
  READONLY(27),
  SYSCTL(28),
  PIVOT(29),
  HOSTNAME(30),
  DOMAINNAME(31),
  RLIMIT(32),
  CWD(33),
  TTY(34),
  OOM_SCORE(35),
  NO_NEW_PRIVS(36),
  SECCOMP(37),
  CAPS(38),
  USER(39),
  EXEC(40),
  LOOPBACK(41),
  KEYRING(42),
  ROOT_READONLY(43),
  SYNC(44),
  UNSHARE(45),
  JOIN_TASK(46),
  MKDIR(47),
  SOURCE(48),
  COVER(49),
  IDMAP(50),
  USERNS(51),
  APPARMOR(52),
  ATTRIBUTE(53),
  FILE_LABEL(54),
  OWN_SYMLINK(55);

  public final int code;

  Op(int code) {
    this.code = code;
  }

  /** The name of an operation for messages. */
  public static String nameOf(int code) {
    for (Op op : values()) {
      if (op.code == code) {
        return op.name();
      }
    }
    return "launch";
  }
}
