/* What the parts of a shim share: one container from launch to end, owned by one thread and its one loop. */
#ifndef JCOMPOSE_TASK_H
#define JCOMPOSE_TASK_H

#include "shim.h"

#include <time.h>

#define CONNS 160
#define PROCS 137 /* the main process and execs: more than engines ask for, for an end is told before its place is free */
#define CGROUPS 16
#define CHUNK (64 * 1024)
#define FRAME_MAX (256 * 1024)
#define IN_MAX (FRAME_MAX + FRAME_HEAD) /* more for an EXEC whose plan is longer */
#define OUT_MAX (2 * CHUNK + 1024) /* one CHUNK is added while no more than one is on its way (may_read), and room is left for EXIT */
#define STALL_LIMIT_MS 2000

enum role { FREE, NEW, WATCH, ATTACH, EXEC };

struct conn {
  enum role role;
  int fd, proc;
  bool lossless; /* an ATTACH that the process waits for */
  bool whole; /* an EXEC: what its process has started dies with the connection too */
  bool blocked; /* its first frame is input that the process has not read yet */
  bool last; /* closes when all is sent */
  uint32_t in_fill, out_fill, in_max, out_max;
  int64_t moved_at; /* when the client last took something, or had taken all */
  uint8_t *in, *out; /* mapped while it is open */
};
struct proc {
  pid_t pid; /* 0: a free place */
  int pidfd, fd[3];
  bool errors_next; /* whose turn it is when there is room for one stream only */
  int sync; /* where a child tells how its plan goes, until it has executed its program: then -1 */
  int64_t start_by;
  int slave; /* a terminal's other end, which is held so that a terminal that nobody holds now can be taken again */
  bool ended;
  int status;
  struct conn *conn; /* an exec's only client, or NULL */
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
  bool shares_pids; /* children are born in a pid namespace that is not the shim's own */
  int listener;
  int64_t accept_at; /* not before, for there was no descriptor or memory for one more connection */
  uint32_t held; /* attaches to come before output is read, so that they miss none; until this time */
  int64_t held_until;
  struct timespec started, ended;
  uint64_t oom_kills, oom_peak, oom_limit;
  struct proc procs[PROCS]; /* the first is the container's main process */
  struct conn conns[CONNS];
} task;

int64_t now_ms(void);
void close_fd(int *fd);

/* prepare.c: the plan's first part, before the clone */
int prepare(struct child_context *ctx, struct failure *f);
int listen_on(const char *dir, struct failure *f);
void remove_run_dir(void);

/* launch.c: processes from their plans. launch waits until the program is executed; begin does not, then hear is called when
 * sync is readable. */
int launch(const uint8_t *plan, size_t len, uint64_t clone_flags, uint32_t flags, struct child_context *ctx, struct proc *p,
           struct failure *f);
int begin(const uint8_t *plan, size_t len, uint64_t clone_flags, uint32_t flags, struct child_context *ctx, struct proc *p,
          struct failure *f);
int hear(struct proc *p, struct failure *f);
int place(pid_t pid, struct failure *f);
void release(struct proc *p);

/* oci.c: another runtime's containers */
int op_runtime(struct op_view *op, struct failure *f);
int oci_take(struct proc *p, struct failure *f);
void oci_delete(void);

/* end.c: cgroups at the end, and the exit record */
void remove_cgroups(void);
void kill_cgroups(void);
void kill_session(pid_t session); /* of this task only; 0: each */
void record_exit(void);

/* streams.c: what processes write */
bool may_read(const struct proc *p);
void pump(struct proc *p, int stream);

/* clients.c: connections of engines */
struct conn *conn_add(int fd);
void conn_close(struct conn *c);
void conn_flush(struct conn *c);
void conn_receive(struct conn *c);
void conn_send(struct conn *c, uint8_t type, uint8_t arg, const void *data, uint32_t len);
uint8_t *conn_space(struct conn *c); /* where up to CHUNK bytes of the next frame may be written, then sent by the second */
void conn_send_space(struct conn *c, uint8_t type, uint8_t arg, uint32_t len);
void send_started(struct conn *c, pid_t pid);
void send_failure(struct conn *c, const struct failure *f);
void send_exit(struct conn *c, const struct proc *p);
void take_frames(struct conn *c);
bool is_starting(const struct conn *c);
void exec_started(struct proc *p, const struct failure *f);

#endif
