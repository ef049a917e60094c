/* What the parts of a shim share: one process from launch to end, owned by one thread and its one loop. */
#ifndef JCOMPOSE_TASK_H
#define JCOMPOSE_TASK_H

#include "shim.h"

#include <time.h>

#define CONNS 32 /* at once: others wait until they are accepted; an exec's is its own shim's */
#define EXECS 136 /* at once: more than engines ask for, for an end is told before its place is free */
#define CGROUPS 16
#define CHUNK (64 * 1024)
#define FRAME_MAX (256 * 1024)
#define IN_MAX (FRAME_MAX + FRAME_HEAD) /* more for an EXEC whose plan is longer */
#define OUT_MAX (3 * CHUNK + 1024) /* a CHUNK of each stream is added while no more than one is on its way, and there is room for EXIT */
#define STALL_LIMIT_MS 2000

enum role { FREE, NEW, WATCH, ATTACH };

/* Mapped while its connection is open. */
struct buffer {
  uint8_t *at;
  uint32_t fill, max;
};
struct conn {
  enum role role;
  int fd;
  bool lossless; /* an ATTACH that the process waits for */
  bool blocked; /* its first frame is input that the process has not read yet */
  bool last; /* closes when all is sent */
  int64_t moved_at; /* when the client last took something, or had taken all */
  struct buffer in, out;
};
struct proc {
  pid_t pid;
  int pidfd, fd[3];
  int slave; /* a terminal's other end, which is held so that a terminal that nobody holds now can be taken again */
  bool ended; /* or there is none */
  int status;
};
struct cgroup {
  const char *path;
  uint32_t flags;
};

extern struct task {
  uint8_t *plan;
  size_t plan_len;
  const char *id, *run_dir, *exit_path;
  uint32_t flags;
  uint64_t clone_flags;
  struct cgroup cgroups[CGROUPS];
  int cgroup_count;
  bool logging, pack_logs;
  struct log_file log;
  int listener;
  int64_t accept_at; /* not before, for there was no descriptor or memory for one more connection */
  uint32_t held; /* attaches to come before output is read, so that they miss none; until this time */
  int64_t held_until;
  struct timespec started, ended;
  uint64_t oom_kills, oom_peak, oom_limit;
  struct proc proc; /* the container's main process, or in an exec's shim the exec */
  pid_t execs[EXECS]; /* their shims; 0: a free place */
  int container; /* in an exec's shim: the main process, with which the exec ends */
  bool is_exec, whole; /* an exec's shim; what it has started dies with its connection too */
  struct conn conns[CONNS];
} task;

int64_t now_ms(void);
void close_fd(int *fd);
void start_exec(struct conn *c, const uint8_t *data, uint32_t len, bool whole);

/* prepare.c: the plan's first part, before the clone */
int prepare(struct failure *f);
int listen_on(const char *dir, struct failure *f);
void remove_run_dir(void);

/* launch.c: a process from its plan, until it has executed its program */
int launch(const uint8_t *plan, size_t len, uint64_t clone_flags, uint32_t flags, struct child_context *ctx, struct proc *p,
           struct failure *f);
int place(pid_t pid, struct failure *f);
void release(struct proc *p);

/* oci.c: another runtime's containers */
int op_runtime(struct op_view *op);
int oci_take(struct proc *p, struct failure *f);
void oci_delete(void);

/* end.c: cgroups at the end, and the exit record */
void remove_cgroups(void);
void kill_cgroups(void);
void kill_session(pid_t session); /* of this task only; 0: each */
void record_exit(void);

/* clients.c: connections of engines */
struct conn *conn_add(int fd);
void conn_close(struct conn *c);
void conn_flush(struct conn *c);
void conn_receive(struct conn *c);
void conn_send(struct conn *c, uint8_t type, uint8_t arg, const void *data, uint32_t len);
void send_started(struct conn *c);
void send_failure(struct conn *c, const struct failure *f);
void send_exit(struct conn *c);
void take_frames(struct conn *c);

#endif
