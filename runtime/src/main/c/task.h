/* What the parts of a shim share: one container from launch to end, owned by one thread and one epoll. */
#ifndef JCOMPOSE_TASK_H
#define JCOMPOSE_TASK_H

#include "shim.h"

#include <sys/epoll.h>
#include <time.h>

#define CONNS 24
#define PROCS 17 /* the main process and 16 execs */
#define CGROUPS 16
#define RING (64 * 1024)
#define CHUNK 16384
#define START_LIMIT_MS 30000
#define STALL_LIMIT_MS 2000

enum role { FREE, NEW, WATCH, ATTACH, EXEC };

struct conn {
  int fd;
  enum role role;
  int proc;
  bool blocked; /* its first frame is input that the process has not read yet */
  uint32_t flags, in_fill, in_used, out_from, out_fill;
  int64_t stalled_since;
  uint8_t in[PLAN_MAX + FRAME_HEAD];
  uint8_t out[RING];
};
struct proc {
  pid_t pid;
  int pidfd;
  struct stdio io;
  bool tty, used, ended;
  int status;
  int conn; /* an exec's only client, or -1 */
};
struct cgroup {
  const char *path;
  uint32_t flags;
};

enum tag { TAG_SIGNAL = 1, TAG_LISTEN, TAG_CONN = 100, TAG_OUT = 200, TAG_ERR = 300, TAG_IN = 400 };

extern uint8_t plan_data[PLAN_MAX];
extern size_t plan_len;
extern struct conn conns[CONNS];
extern struct proc procs[PROCS];
extern struct cgroup cgroups[CGROUPS];
extern int cgroup_count, listener;
extern const char *run_dir, *exit_path, *log_path, *task_id;
extern uint32_t task_flags, log_flags;
extern struct log_file task_log;
extern bool logging, shared_pid; /* shared_pid: the shim's children are born in a pid namespace that is not its own */
extern uint32_t held;            /* attaches to come before output is read, so that they miss none */
extern struct timespec started, ended_at;
extern uint32_t oom_kills, oom_base;
extern uint64_t oom_peak, oom_limit;

/* task.c */
int64_t now_ms(void);
void watch_fd(int fd, uint32_t tag, uint32_t events);
void close_fd(int *fd);

/* prepare.c: the plan's first part, before the clone */
int prepare(uint64_t *clone_flags, struct child_context *ctx, struct failure *f);
int listen_on(const char *dir, struct failure *f);
void remove_run_dir(void);

/* launch.c */
int launch(const uint8_t *plan, size_t len, uint64_t flags, struct child_context *ctx, bool tty, bool with_stdin, struct proc *p,
           struct failure *f);

/* end.c: cgroups at the end, and the exit record */
uint32_t read_oom(void);
void remove_cgroups(void);
void kill_rest(void);
void record_exit(const struct proc *p);

/* streams.c: what processes write */
uint32_t room_for(int proc);
int pump(int proc, int stream);
void resume_reading(void);
void drain_log(void);
void finish_exec(int i);

/* clients.c: connections of engines */
struct conn *conn_add(int fd);
void conn_close(struct conn *c);
void conn_flush(struct conn *c);
void conn_send(struct conn *c, uint8_t type, uint8_t arg, const void *data, uint32_t len);
uint32_t ring_room(const struct conn *c);
void send_exit(struct conn *c, const struct proc *p);
void send_started(struct conn *c, pid_t pid);
void send_failure(struct conn *c, const struct failure *f);
void take_frames(struct conn *c);
void on_conn(struct conn *c, uint32_t events);
void tell_rotations(void);
void refresh(struct conn *c);

#endif
