/* jcompose-shim: carries out plans that the engine makes, and holds one container's streams until it ends. One process from launch to
 * end is owned by one thread and its one loop. Formats: docs/developers/shim-protocol.md. Buffers are static and untouched until used, or
 * mapped as long as they are needed. What the parts share is here, the system's headers too. */
#ifndef JCOMPOSE_SHIM_H
#define JCOMPOSE_SHIM_H

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PROTOCOL_VERSION 6 /* of the frames; engines speak this one and all before */
#define PLAN_VERSION 3
#define PLAN_MAGIC 0x3150434au /* "JCP1" */
#define PLAN_MAX (8 * 1024 * 1024) /* the most that the kernel takes as words of a program, twice, and room for the rest */
#define FRAME_HEAD 8
#define FRAME_MAX (256 * 1024)
#define IN_MAX (FRAME_MAX + FRAME_HEAD)
#define CHUNK (64 * 1024)
#define RECORD_MAX 4096
#define OUT_MAX (3 * CHUNK + RECORD_MAX) /* a CHUNK of each stream is added while no more than one is on its way; and room for ENDED */
#define STALL_LIMIT_MS 2000
#define CONNS 32 /* at once: others wait until they are accepted; an exec's is its own shim's */
#define CGROUPS 16
#define FIGURES 4
#define NO_SIGNALS \
  &(sigset_t) { 0 }

/* clang-format off */
enum frame {
  F_PLAN = 1, F_WATCH = 2, F_ATTACH = 3, F_EXEC = 4, F_STDIN = 5, F_STDIN_CLOSE = 6, F_RESIZE = 7, F_SIGNAL = 8, F_META = 9,
  F_NAMESPACES = 11, F_STARTED = 65, F_FAILED = 66, F_OUT = 67, F_META_IS = 69, F_LOG_ROTATED = 70, F_ENDED = 71
};

enum code {
  OP_TASK = 1, OP_CGROUP = 3, OP_LOG = 4, OP_RUNTIME = 5, OP_CHILD = 6, OP_FIGURE = 7, /* the shim's, before the clone */
  OP_CALL = 10, OP_PATCH = 11, OP_PATH = 12, OP_CHECK = 14,
  OP_SYNC = 20, OP_TERMINAL = 21, OP_GO_ON = 22, OP_SECCOMP = 23, OP_CLOSE = 24, OP_EXEC = 25 /* the child's */
};

enum preset { OWN_IN = 0, OWN_OUT = 1, OWN_ERR = 2, OWN_TASK = 3 }; /* the child's streams, and the task that an exec is for */
enum task_flag { TASK_TTY = 1, TASK_STDIN = 2, TASK_KILL_REST = 4, EXEC_WHOLE = 4, NOT_IN_GROUPS = 1 << 16 /* the shim's own */ };
/* clang-format on */

/* A plan as it lies in memory: its head, then operations, then what they point to. Its last byte is 0, so that each text in it ends. */
struct plan {
  uint8_t *at;
  size_t len;
  uint32_t count, first; /* the number of the first operation, in what is said of failures */
};

/* The kinds are letters: n a number, r a register, m a part of the memory, w a number in it, d data, l a list of texts. */
struct op {
  uint16_t code, nr, result, skip;
  char kinds[8];
  uint64_t may, args[6];
};

/* What failed: the operation's number in the plan and its code, errno, and on what if it is none of a plan. */
struct failure {
  uint32_t number, code;
  int32_t err;
  char what[244];
};

struct child {
  int sync; /* where it gives its terminal, and waits for the shim; until it has executed its program, or goes on among others */
  int fails; /* a pipe: its failure, or the end when it has executed its program */
  int pidfd; /* of the task that it joins */
  int program; /* this one, to be executed again as a container's init */
  int io[3]; /* its ends of its streams; -1 is none */
  pid_t *next; /* the number of what it goes on as, where the kernel writes it; it shares this with the shim alone */
};

struct proc {
  pid_t pid;
  int pidfd, fd[3];
  int slave; /* a terminal's other end, which is held so that a terminal that nobody holds now can be taken again */
  bool ended; /* or there is none */
  int status;
};
#define NO_PROC \
  { .pidfd = -1, .fd = {-1, -1, -1}, .slave = -1, .ended = true }

enum role { FREE, NEW, WATCH, ATTACH };
struct conn {
  enum role role;
  int fd;
  bool blocked; /* its first frame is input that the process has not read yet */
  bool last; /* closes when all is sent */
  int64_t moved_at; /* when the client last took something, or had taken all */
  uint8_t *in, *out; /* one mapping of IN_MAX and OUT_MAX bytes, while it is open */
  uint32_t in_fill, out_fill;
};

extern struct task {
  struct plan plan, child;
  const char *id, *run_dir, *exit_path;
  uint32_t flags;
  uint64_t clone_flags;
  const char *cgroups[CGROUPS];
  const char *figures[FIGURES]; /* files whose beginning the exit record has */
  int cgroup_count, figure_count;
  int born_in; /* the number of the group that the child is born in, from 1; 0 is none */
  bool logging, tells_rotations;
  int listener;
  int64_t accept_at; /* not before, for there was no descriptor or memory for one more connection */
  uint32_t held; /* attaches to come before output is read, so that they miss none; until this time */
  int64_t held_until;
  struct timespec started;
  char record[RECORD_MAX]; /* of the end */
  struct proc proc; /* the container's main process, or in an exec's shim the exec */
  int container; /* in an exec's shim: the main process, with which the exec ends */
  bool is_exec, whole; /* an exec's shim; what it has started dies with its connection too */
  struct conn conns[CONNS];
} task;

/* task.c: a task from its plan to its end, and an exec */
__attribute__((noreturn)) void task_main(int fd);
void start_exec(struct conn *c);
int64_t now_ms(void);
void close_fd(int *fd);

/* plan.c: what both the shim and its child do. A call of the kernel, or an operation that is not common, gives -1 and errno. */
#define NO_REGISTER 0xffff
bool plan_open(struct plan *plan, uint8_t *at, size_t len);
bool plan_within(struct plan *plan, const struct plan *outer, long at); /* one that is data of another */
int carry_out(const struct plan *plan, long (*other)(const struct plan *, const struct op *, const long *), struct failure *f);
void set_register(uint32_t number, int fd);
void close_registers(void);
void forget_registers(void);
int failed(struct failure *f, int err, const char *call, const char *subject);
int write_file(const char *path, const char *data);

/* launch.c: a process from its plan, until it has executed its program */
int prepare(struct failure *f);
int launch(const struct plan *plan, uint64_t clone_flags, uint32_t flags, struct child *child, struct proc *p, struct failure *f);
int place(pid_t pid, struct failure *f);
void release(struct proc *p);
int say(int sync, int terminal);
int wait_for(int fd, int64_t ms);

/* child.c and init.c: between clone and execve, and the init of `init: true` */
#define INIT_NAME "/sbin/docker-init"
__attribute__((noreturn)) void child_main(const struct plan *plan, struct child *self);
pid_t init_fork(int program, char **words, char **envp);
__attribute__((noreturn)) void init_main(void);

/* oci.c: another runtime's containers */
int oci_open(const struct plan *plan, const long *args);
int oci_take(struct failure *f);
void oci_delete(void);

/* end.c: cgroups at the end, and the exit record */
void remove_cgroups(void);
void kill_all(pid_t session); /* of this task; 0: of all sessions */
void record_exit(void);

/* clients.c: connections of engines */
int listen_at(const char *path);
struct conn *conn_add(int fd);
void conn_close(struct conn *c);
void conn_flush(struct conn *c);
void conn_receive(struct conn *c);
void conn_send(struct conn *c, uint8_t type, uint8_t arg, const void *data, size_t len);
void send_started(struct conn *c);
void send_failure(struct conn *c, const struct failure *f);
void take_frames(struct conn *c);

/* log.c */
int log_open(const char *path, int64_t max_bytes, uint32_t max_files, uint32_t next, const char *attrs);
void log_close(void);
bool log_write(int stream, const char *data, size_t len, struct timespec at);
void log_finish(int stream);

#endif
