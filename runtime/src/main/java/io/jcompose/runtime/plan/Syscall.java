package io.jcompose.runtime.plan;

import java.util.Locale;

/** The kernel's calls that plans make, by their numbers: asm/unistd.h of x86-64 and arm64. */
enum Syscall {
  CAPSET(126, 91),
  CHDIR(80, 49),
  CHROOT(161, 51),
  CLOSE_RANGE(436, 436),
  DUP3(292, 24),
  FCHDIR(81, 50),
  FCHMODAT(268, 53),
  FCHOWN(93, 55),
  FCHOWNAT(260, 54),
  FSCONFIG(431, 431),
  FSMOUNT(432, 432),
  FSETXATTR(190, 7),
  FSOPEN(430, 430),
  FSTATFS(138, 44),
  GETCWD(79, 17),
  IOCTL(16, 29),
  KEYCTL(250, 219),
  MEMFD_CREATE(319, 279),
  MKDIRAT(258, 34),
  MKNODAT(259, 33),
  MOUNT(165, 40),
  MOUNT_SETATTR(442, 442),
  MOVE_MOUNT(429, 429),
  OPENAT(257, 56),
  OPENAT2(437, 437),
  OPEN_TREE(428, 428),
  PIVOT_ROOT(155, 41),
  PRCTL(157, 167),
  PRLIMIT64(302, 261),
  READLINKAT(267, 78),
  SETDOMAINNAME(171, 162),
  SETFSGID(123, 152),
  SETFSUID(122, 151),
  SETGROUPS(116, 159),
  SETHOSTNAME(170, 161),
  SETNS(308, 268),
  SETRESGID(119, 149),
  SETRESUID(117, 147),
  SOCKET(41, 198),
  STATX(332, 291),
  SYMLINKAT(266, 36),
  UMASK(95, 166),
  UMOUNT2(166, 39),
  UNLINKAT(263, 35),
  UNSHARE(272, 97),
  WRITE(1, 64);

  final int onX86;
  final int onArm;

  Syscall(int onX86, int onArm) {
    this.onX86 = onX86;
    this.onArm = onArm;
  }

  /** This machine's. */
  int number() {
    return Flag.ARM64 ? onArm : onX86;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
