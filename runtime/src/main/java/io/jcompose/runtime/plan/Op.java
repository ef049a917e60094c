package io.jcompose.runtime.plan;

/**
 * Operations by their numbers in the protocol, as shim.h and docs/developers/shim-protocol.md have
 * them. Those before CHILD are the shim's; what follows it is its child's.
 */
enum Op {
  TASK(1),
  META(2),
  CGROUP(3),
  LOG(4),
  RUNTIME(5),
  CHILD(6),
  CALL(10),
  WRITE(11),
  PATH(12),
  ALIKE(13),
  CHECK(14),
  KEEP(15),
  SYNC(20),
  TERMINAL(21),
  FIRST(22),
  SECCOMP(23),
  CLOSE(24),
  EXEC(25);

  final int code;

  Op(int code) {
    this.code = code;
  }
}
