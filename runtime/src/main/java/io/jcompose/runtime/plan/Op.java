package io.jcompose.runtime.plan;

/**
 * Operations by their numbers in the protocol, as shim.h and docs/developers/shim-protocol.md have
 * them. Those up to CALL are the shim's, those from SYNC on its child's, the others both's.
 */
enum Op {
  TASK(1),
  CGROUP(3),
  LOG(4),
  RUNTIME(5),
  CHILD(6),
  FIGURE(7),
  CALL(10),
  PATCH(11),
  PATH(12),
  CHECK(14),
  SYNC(20),
  TERMINAL(21),
  GO_ON(22),
  SECCOMP(23),
  CLOSE(24),
  EXEC(25);

  final int code;

  Op(int code) {
    this.code = code;
  }
}
