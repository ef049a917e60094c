/* One container from launch to end. Owned by one thread and one epoll; engines come and go on its control socket. */
#include "shim.h"

#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <limits.h>
#include <poll.h>
#include <termios.h>
#include <time.h>

#define CONNS 24
#define PROCS 17 /* the main process and 16 execs */
#define CGROUPS 16
#define RING (64 * 1024)
#define CHUNK 16384
#define START_LIMIT_MS 30000
#define STALL_LIMIT_MS 2000
#define HOLD_LIMIT_MS 5000

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

static uint8_t plan_data[PLAN_MAX];
static size_t plan_len;
static struct conn conns[CONNS];
static struct proc procs[PROCS];
static struct cgroup cgroups[CGROUPS];
static int cgroup_count, epoll = -1, listener = -1, signals = -1, exit_dir = -1;
static const char *run_dir, *exit_path, *log_path, *task_id;
static uint32_t task_flags;
static struct log_file task_log;
static bool logging, shared_pid;
static uint32_t held; /* attaches to come before output is read, so that they miss none */
static int64_t held_until;
static struct timespec started, ended_at;
static uint32_t oom_kills, oom_base, log_flags, rotations_told;
static uint64_t oom_peak, oom_limit;
static uint8_t scratch[CHUNK];

enum tag { TAG_SIGNAL = 1, TAG_LISTEN, TAG_CONN = 100, TAG_OUT = 200, TAG_ERR = 300, TAG_IN = 400 };

static int64_t now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void watch_fd(int fd, uint32_t tag, uint32_t events) {
  struct epoll_event e = {.events = events, .data.u32 = tag};
  if (epoll_ctl(epoll, EPOLL_CTL_MOD, fd, &e) < 0) epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &e);
}

static void close_fd(int *fd) {
  if (*fd >= 0) close(*fd);
  *fd = -1;
}

/* ---- frames ---- */

static void put_head(uint8_t *at, uint8_t type, uint8_t arg, uint32_t len) {
  memset(at, 0, FRAME_HEAD);
  at[0] = type;
  at[1] = arg;
  memcpy(at + 4, &len, 4);
}

static void conn_close(struct conn *c);

static void conn_flush(struct conn *c) {
  while (c->out_fill > 0) {
    uint32_t span = RING - c->out_from < c->out_fill ? RING - c->out_from : c->out_fill;
    ssize_t n = send(c->fd, c->out + c->out_from, span, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) break;
    if (n < 0) {
      conn_close(c);
      return;
    }
    c->out_from = (c->out_from + (uint32_t)n) % RING;
    c->out_fill -= (uint32_t)n;
    c->stalled_since = 0;
  }
  if (c->out_fill > 0 && c->stalled_since == 0) c->stalled_since = now_ms();
}

static void ring_put(struct conn *c, const void *data, uint32_t len) {
  const uint8_t *from = data;
  uint32_t at = (c->out_from + c->out_fill) % RING, first = RING - at < len ? RING - at : len;
  memcpy(c->out + at, from, first);
  memcpy(c->out, from + first, len - first);
  c->out_fill += len;
}

static uint32_t ring_room(const struct conn *c) { return RING - c->out_fill; }

static void conn_send(struct conn *c, uint8_t type, uint8_t arg, const void *data, uint32_t len) {
  uint8_t head[FRAME_HEAD];
  if (c->role == FREE) return;
  if (ring_room(c) < len + FRAME_HEAD) conn_flush(c);
  if (c->role == FREE) return;
  if (ring_room(c) < len + FRAME_HEAD) { /* too slow: cut off rather than hold the process up */
    conn_close(c);
    return;
  }
  put_head(head, type, arg, len);
  ring_put(c, head, FRAME_HEAD);
  ring_put(c, data, len);
  conn_flush(c);
}

static int conn_index(const struct conn *c) { return (int)(c - conns); }

static struct conn *conn_add(int fd) {
  for (int i = 0; i < CONNS; i++) {
    struct conn *c = &conns[i];
    if (c->role != FREE) continue;
    c->fd = fd;
    c->role = NEW;
    c->proc = 0;
    c->flags = c->in_fill = c->in_used = c->out_from = c->out_fill = 0;
    c->stalled_since = 0;
    c->blocked = false;
    watch_fd(fd, TAG_CONN + (uint32_t)i, EPOLLIN | EPOLLRDHUP);
    return c;
  }
  close(fd);
  return NULL;
}

static void conn_close(struct conn *c) {
  if (c->role == FREE) return;
  bool exec = c->role == EXEC;
  close(c->fd);
  c->role = FREE;
  madvise((void *)(((uintptr_t)c->in + 4095) & ~4095ul), (sizeof c->in + sizeof c->out - 8192) & ~4095ul, MADV_DONTNEED);
  if (exec) { /* nobody will read it any more */
    struct proc *p = &procs[c->proc];
    p->conn = -1;
    if (p->used && !p->ended) kill(p->pid, SIGKILL);
    close_fd(&p->io.in);
    close_fd(&p->io.out);
    close_fd(&p->io.err);
  }
}

static void send_exit(struct conn *c, const struct proc *p) {
  int sig = WIFSIGNALED(p->status) ? WTERMSIG(p->status) : 0;
  struct {
    uint32_t code, signal, oom, pad;
    uint64_t at, oom_peak, oom_limit;
  } exit = {sig ? 128u + (uint32_t)sig : (uint32_t)WEXITSTATUS(p->status), (uint32_t)sig, p == procs && oom_kills > 0, 0,
            (uint64_t)ended_at.tv_sec * 1000000000u + (uint64_t)ended_at.tv_nsec, oom_peak, oom_limit};
  conn_send(c, F_EXIT, 0, &exit, sizeof exit);
}

static void send_started(struct conn *c, pid_t pid) {
  struct {
    uint32_t pid, version;
    uint64_t at;
  } s = {(uint32_t)pid, PROTOCOL_VERSION, (uint64_t)started.tv_sec * 1000000000u + (uint64_t)started.tv_nsec};
  conn_send(c, F_STARTED, 0, &s, sizeof s);
}

/* ---- launching ---- */

static int pipe_pair(int *reader, int *writer) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) < 0) return -1;
  *reader = ends[0];
  *writer = ends[1];
  return 0;
}

static int place(pid_t pid, struct failure *f) {
  char path[PATH_MAX], text[24];
  text[put_num(text, (uint64_t)pid)] = 0;
  for (int i = 0; i < cgroup_count; i++) {
    if (!(cgroups[i].flags & CG_JOIN) || cgroups[i].flags & CG_CLONE_INTO) continue;
    snprintf(path, sizeof path, "%s/cgroup.procs", cgroups[i].path);
    if (write_file(path, text) < 0) return failed(f, NULL, errno, "join", path);
  }
  return 0;
}

static pid_t clone_child(uint64_t flags, int *pidfd) {
  struct clone_args args = {.flags = flags | CLONE_PIDFD, .pidfd = (uint64_t)(uintptr_t)pidfd, .exit_signal = SIGCHLD};
  int into = -1;
  for (int i = 0; i < cgroup_count; i++) {
    if (!(cgroups[i].flags & CG_CLONE_INTO)) continue;
    into = open(cgroups[i].path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (into >= 0) {
      args.flags |= CLONE_INTO_CGROUP;
      args.cgroup = (uint64_t)into;
    }
  }
  pid_t pid = (pid_t)syscall(SYS_clone3, &args, sizeof args);
  if (into >= 0 && pid != 0) close(into);
  return pid;
}

/* Follows the child by its messages until it has executed its program: 0, or -1 with the failure. */
static int follow(int sync, struct proc *p, struct failure *f) {
  int64_t limit = now_ms() + START_LIMIT_MS;
  for (;;) {
    struct pollfd wait = {.fd = sync, .events = POLLIN};
    int64_t left = limit - now_ms();
    if (left <= 0 || poll(&wait, 1, (int)left) == 0) return failed(f, NULL, ETIMEDOUT, "wait for", "start");
    union {
      char space[CMSG_SPACE(sizeof(int))];
      struct cmsghdr align;
    } control = {0};
    struct failure message;
    struct iovec iov = {&message, sizeof message};
    struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.space, .msg_controllen = sizeof control.space};
    ssize_t n = recvmsg(sync, &msg, MSG_CMSG_CLOEXEC);
    if (n < 0 && errno == EINTR) continue;
    if (n == 0) return 0;
    if (n < 0) return failed(f, NULL, errno, "hear from", "child");
    struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
    if (n == sizeof message) {
      *f = message;
      return -1;
    }
    if (c && c->cmsg_type == SCM_RIGHTS) {
      int master;
      memcpy(&master, CMSG_DATA(c), sizeof master);
      close_fd(&p->io.out);
      p->io.out = master;
      p->io.in = dup(master);
      fcntl(p->io.in, F_SETFD, FD_CLOEXEC);
    } else if (*(char *)&message == 'R') {
      if (send(sync, "G", 1, MSG_NOSIGNAL) != 1) return failed(f, NULL, errno, "answer", "child");
    }
  }
}

/* Starts a process by its plan; p gets the shim's ends of its streams. */
static int launch(const uint8_t *plan, size_t len, uint64_t flags, struct child_context *ctx, bool tty, bool with_stdin, struct proc *p,
                  struct failure *f) {
  int sync[2] = {-1, -1}, result = -1;
  ctx->io = p->io = (struct stdio){-1, -1, -1, tty};
  p->tty = tty;
  p->pidfd = -1;
  p->status = 0;
  p->ended = false;
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sync) < 0) return failed(f, NULL, errno, "socketpair", "");
  if (!tty && (pipe_pair(&p->io.out, &ctx->io.out) < 0 || pipe_pair(&p->io.err, &ctx->io.err) < 0 ||
               (with_stdin && pipe_pair(&ctx->io.in, &p->io.in) < 0))) {
    failed(f, NULL, errno, "pipe", "");
    goto done;
  }
  pid_t pid = clone_child(flags, &p->pidfd);
  if (pid == 0) {
    ctx->sync = sync[1];
    close(sync[0]);
    child_main(plan, len, ctx);
  }
  if (pid < 0) {
    failed(f, NULL, errno, "clone3", "");
    goto done;
  }
  p->pid = pid;
  close_fd(&sync[1]);
  close_fd(&ctx->io.in);
  close_fd(&ctx->io.out);
  close_fd(&ctx->io.err);
  /* The kernel may wait for a grace period here, while the child is busy with its mounts; it may not fork before its sync. */
  struct failure placing = {0};
  result = place(pid, &placing);
  if (result < 0 && placing.err != ESRCH) {
    *f = placing;
  } else {
    result = follow(sync[0], p, f);
  }
  if (result < 0) {
    kill(pid, SIGKILL);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) {
    }
  }
done:
  close_fd(&sync[0]);
  close_fd(&sync[1]);
  close_fd(&ctx->io.in);
  close_fd(&ctx->io.out);
  close_fd(&ctx->io.err);
  if (result < 0) {
    close_fd(&p->io.in);
    close_fd(&p->io.out);
    close_fd(&p->io.err);
    close_fd(&p->pidfd);
    return -1;
  }
  p->used = true;
  if (p->io.in >= 0) fcntl(p->io.in, F_SETFL, O_NONBLOCK);
  if (p->io.out >= 0) fcntl(p->io.out, F_SETFL, O_NONBLOCK);
  if (p->io.err >= 0) fcntl(p->io.err, F_SETFL, O_NONBLOCK);
  return 0;
}

/* Reads a file of the group that counts OOM kills, by its name in cgroup v2 or v1; empty when there is none. */
static const char *read_memory(const char *v2, const char *v1) {
  static char text[512];
  char path[PATH_MAX];
  text[0] = 0;
  for (int i = 0; i < cgroup_count; i++) {
    if (!(cgroups[i].flags & CG_OOM)) continue;
    snprintf(path, sizeof path, "%s/%s", cgroups[i].path, v2);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
      snprintf(path, sizeof path, "%s/%s", cgroups[i].path, v1);
      fd = open(path, O_RDONLY | O_CLOEXEC);
    }
    if (fd < 0) continue;
    ssize_t n = read(fd, text, sizeof text - 1);
    close(fd);
    text[n > 0 ? n : 0] = 0;
  }
  return text;
}

static uint32_t read_oom(void) {
  const char *at = strstr(read_memory("memory.events", "memory.oom_control"), "oom_kill ");
  return at ? (uint32_t)strtoul(at + 9, NULL, 10) : 0;
}

static void remove_cgroups(void) {
  for (int i = cgroup_count - 1; i >= 0; i--) {
    if (cgroups[i].flags & CG_KEEP) continue;
    for (int tries = 0; rmdir(cgroups[i].path) < 0 && errno == EBUSY && tries < 500; tries++) usleep(2000);
  }
}

static void kill_rest(void) {
  char path[PATH_MAX];
  for (int i = 0; i < cgroup_count; i++) {
    snprintf(path, sizeof path, "%s/cgroup.kill", cgroups[i].path);
    write_file(path, "1");
  }
}

/* Carries out the ops before the clone. */
static int prepare(uint64_t *clone_flags, struct child_context *ctx, struct failure *f) {
  static int ns_fds[8], ns_types[8];
  struct cursor c;
  struct op_view op;
  uint32_t index = 0;
  ctx->ns_fds = ns_fds;
  ctx->ns_types = ns_types;
  if (!plan_open(plan_data, plan_len, &c)) return failed(f, NULL, EPROTO, "read", "plan of another version");
  while (plan_next(&c, &index, &op)) {
    if (op.code == OP_TASK) {
      task_id = get_str(&op.arg);
      run_dir = get_str(&op.arg);
      exit_path = get_str(&op.arg);
      log_path = get_str(&op.arg);
      int64_t max_bytes = (int64_t)get_u64(&op.arg);
      uint32_t max_files = get_u32(&op.arg);
      task_flags = get_u32(&op.arg);
      *clone_flags = get_u64(&op.arg);
      unlink(exit_path);
      if (mkdir(run_dir, 0700) < 0 && errno != EEXIST) return failed(f, &op, errno, "mkdir", run_dir);
      if (*log_path) {
        if (log_open(&task_log, log_path, max_bytes, max_files) < 0) return failed(f, &op, errno, "open log", log_path);
        logging = true;
      }
    } else if (op.code == OP_LOG) {
      log_flags = get_u32(&op.arg);
      const char *attrs = get_str(&op.arg);
      if (strlen(attrs) > LOG_ATTRS_MAX) return failed(f, &op, E2BIG, "log attributes", "longer than 16 KiB");
      task_log.attrs = attrs;
    } else if (op.code == OP_NAMESPACE) {
      int type = (int)get_u32(&op.arg);
      const char *path = get_str(&op.arg);
      int fd = open(path, O_RDONLY | O_CLOEXEC);
      if (fd < 0) return failed(f, &op, errno, "open namespace", path);
      if (type == CLONE_NEWPID) { /* holds for children only, so it is the shim's to enter */
        shared_pid = true;
        if (setns(fd, type) < 0) return failed(f, &op, errno, "setns", path);
        close(fd);
      } else if (ctx->ns_count < 8) {
        ns_fds[ctx->ns_count] = fd;
        ns_types[ctx->ns_count++] = type;
      }
    } else if (op.code == OP_CGROUP) {
      struct cgroup g = {.path = get_str(&op.arg)};
      g.flags = get_u32(&op.arg);
      if (cgroup_count == CGROUPS) return failed(f, &op, E2BIG, "cgroups", g.path);
      mode_t mask = umask(022); /* any user of the container may read its limits */
      int made = mkdir(g.path, 0755);
      umask(mask);
      if (made < 0 && (errno != EEXIST || chmod(g.path, 0755) < 0)) return failed(f, &op, errno, "mkdir", g.path);
      cgroups[cgroup_count++] = g;
    } else if (op.code == OP_WRITE) {
      const char *path = get_str(&op.arg), *data = get_str(&op.arg);
      uint32_t optional = get_u32(&op.arg);
      if (write_file(path, data) < 0 && !optional) return failed(f, &op, errno, "write", path);
    }
    if (op.code < 20 && op.arg.bad) return failed(f, &op, EPROTO, "read", "plan");
  }
  if (c.bad || run_dir == NULL) return failed(f, NULL, EPROTO, "read", "plan");
  return 0;
}

static int listen_on(const char *dir, struct failure *f) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (snprintf(address.sun_path, sizeof address.sun_path, "%s/ctl", dir) >= (int)sizeof address.sun_path)
    return failed(f, NULL, ENAMETOOLONG, "bind", dir);
  unlink(address.sun_path);
  listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, 16) < 0)
    return failed(f, NULL, errno, "bind", address.sun_path);
  return 0;
}

static void remove_run_dir(void) {
  char path[PATH_MAX];
  if (!run_dir) return;
  snprintf(path, sizeof path, "%s/ctl", run_dir);
  unlink(path);
  rmdir(run_dir);
}

/* ---- the end ---- */

/* Before anything else that follows the end: no later failure may lose it. */
static void record_exit(const struct proc *p) {
  char text[512], temp[PATH_MAX];
  int sig = WIFSIGNALED(p->status) ? WTERMSIG(p->status) : 0;
  clock_gettime(CLOCK_REALTIME, &ended_at);
  oom_kills = read_oom() - oom_base;
  if (oom_kills > 0) {
    oom_peak = strtoull(read_memory("memory.peak", "memory.max_usage_in_bytes"), NULL, 10);
    oom_limit = strtoull(read_memory("memory.max", "memory.limit_in_bytes"), NULL, 10);
  }
  int n = snprintf(text, sizeof text,
                   "version=1\nid=%s\npid=%d\ncode=%d\nsignal=%d\noom=%d\nstarted=%lld.%09ld\nended=%lld.%09ld\noom_peak=%llu\noom_limit=%llu\n",
                   task_id, p->pid, sig ? 128 + sig : WEXITSTATUS(p->status), sig, oom_kills > 0, (long long)started.tv_sec, started.tv_nsec,
                   (long long)ended_at.tv_sec, ended_at.tv_nsec, (unsigned long long)oom_peak, (unsigned long long)oom_limit);
  snprintf(temp, sizeof temp, "%s.tmp", exit_path);
  int fd = open(temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return;
  if (write_all(fd, text, (size_t)n) == 0 && fdatasync(fd) == 0) rename(temp, exit_path);
  close(fd);
  if (exit_dir >= 0) fsync(exit_dir);
}

static bool stalled(struct conn *c) {
  if (c->stalled_since != 0 && now_ms() - c->stalled_since > STALL_LIMIT_MS) conn_close(c);
  return c->role != FREE;
}

/* How much may be read of a process now, so that nobody who is promised all of it loses a byte. */
static uint32_t room_for(int proc) {
  if (proc == 0 && held > 0) return 0;
  uint32_t room = CHUNK;
  for (int i = 0; i < CONNS; i++) {
    struct conn *c = &conns[i];
    bool holds = (c->role == EXEC && c->proc == proc) || (c->role == ATTACH && proc == 0 && (c->flags & 2));
    if (!holds) continue;
    if (c->role == ATTACH && !stalled(c)) continue;
    uint32_t space = ring_room(c) < FRAME_HEAD + 1 ? 0 : ring_room(c) - FRAME_HEAD;
    if (space < room) room = space;
  }
  return room;
}

/* Moves what a process has written: 1 when there may be more, 0 when not now, -1 at the end. */
static int pump(int proc, int stream) {
  struct proc *p = &procs[proc];
  int *fd = stream == 1 ? &p->io.out : &p->io.err;
  if (*fd < 0) return -1;
  uint32_t room = room_for(proc);
  if (room == 0) {
    watch_fd(*fd, (stream == 1 ? TAG_OUT : TAG_ERR) + (uint32_t)proc, 0);
    return 0;
  }
  ssize_t n = read(*fd, scratch, room);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return 0;
  if (n < 0 && errno == EIO && !p->ended) { /* a terminal that nobody holds now, but may again */
    watch_fd(*fd, TAG_OUT + (uint32_t)proc, EPOLLET | EPOLLIN);
    return 0;
  }
  if (n <= 0) {
    if (proc == 0 && logging) log_finish(&task_log, stream);
    close_fd(fd);
    return -1;
  }
  if (proc == 0 && logging) {
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    log_write(&task_log, stream, (char *)scratch, (size_t)n, t.tv_sec, (int32_t)t.tv_nsec);
  }
  for (int i = 0; i < CONNS; i++)
    if ((conns[i].role == EXEC && conns[i].proc == proc) || (conns[i].role == ATTACH && proc == 0))
      conn_send(&conns[i], F_OUT, (uint8_t)stream, scratch, (uint32_t)n);
  return 1;
}

static void resume_reading(void) {
  for (int i = 0; i < PROCS; i++) {
    if (!procs[i].used) continue;
    if (procs[i].io.out >= 0) watch_fd(procs[i].io.out, TAG_OUT + (uint32_t)i, room_for(i) ? EPOLLIN : 0);
    if (procs[i].io.err >= 0) watch_fd(procs[i].io.err, TAG_ERR + (uint32_t)i, room_for(i) ? EPOLLIN : 0);
  }
}

static void drain_log(void) {
  int64_t limit = now_ms() + STALL_LIMIT_MS;
  for (int stream = 1; stream <= 2; stream++) {
    int more;
    while ((more = pump(0, stream)) >= 0 && now_ms() < limit) {
      int *fd = stream == 1 ? &procs[0].io.out : &procs[0].io.err;
      if (more == 0 && procs[0].tty) break; /* what a terminal holds was read */
      struct pollfd wait[1] = {{.fd = *fd, .events = POLLIN}};
      if (more == 0) poll(wait, 1, 20);
      for (int i = 0; i < CONNS; i++)
        if (conns[i].role != FREE) conn_flush(&conns[i]);
    }
    if (logging) log_finish(&task_log, stream);
  }
}

static void finish_exec(int i) {
  struct proc *p = &procs[i];
  if (!p->used || !p->ended) return;
  if (p->conn >= 0) {
    int out = pump(i, 1), err = pump(i, 2);
    while (out > 0 || err > 0) {
      if (out > 0) out = pump(i, 1);
      if (err > 0) err = pump(i, 2);
      if (p->conn < 0) break;
    }
    if (p->conn >= 0 && (room_for(i) == 0 || ring_room(&conns[p->conn]) < 64)) return; /* goes on when the client has read */
    if (p->conn >= 0) {
      struct conn *c = &conns[p->conn];
      send_exit(c, p);
      p->conn = -1;
      c->role = c->role == EXEC ? WATCH : c->role;
      c->flags = 4; /* closes when all is sent */
    }
  }
  close_fd(&p->io.in);
  close_fd(&p->io.out);
  close_fd(&p->io.err);
  close_fd(&p->pidfd);
  p->used = false;
}

__attribute__((noreturn)) static void finish(void) {
  struct proc *p = &procs[0];
  if (task_flags & TASK_KILL_REST || shared_pid) kill_rest();
  drain_log();
  for (int i = 1; i < PROCS; i++) {
    if (procs[i].used && !procs[i].ended) {
      kill(procs[i].pid, SIGKILL);
      while (waitpid(procs[i].pid, &procs[i].status, 0) < 0 && errno == EINTR) {
      }
      procs[i].ended = true;
    }
    finish_exec(i);
  }
  remove_cgroups();
  remove_run_dir();
  for (int i = 0; i < CONNS; i++)
    if (conns[i].role == WATCH || conns[i].role == ATTACH) {
      if (!(conns[i].flags & 4) || conns[i].role == ATTACH) send_exit(&conns[i], p);
    }
  int64_t limit = now_ms() + STALL_LIMIT_MS;
  for (int i = 0; i < CONNS; i++)
    while (conns[i].role != FREE && conns[i].out_fill > 0 && now_ms() < limit) {
      struct pollfd wait = {.fd = conns[i].fd, .events = POLLOUT};
      poll(&wait, 1, 100);
      conn_flush(&conns[i]);
    }
  _exit(0);
}

static void reap(void) {
  struct signalfd_siginfo info;
  while (read(signals, &info, sizeof info) > 0) {
  }
  int status;
  pid_t pid;
  bool over = false;
  while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
    for (int i = 0; i < PROCS; i++) {
      if (!procs[i].used || procs[i].ended || procs[i].pid != pid) continue;
      procs[i].ended = true;
      procs[i].status = status;
      if (i == 0) over = true;
      else finish_exec(i);
    }
  }
  if (over) record_exit(&procs[0]);
}

/* ---- clients ---- */

static void send_failure(struct conn *c, const struct failure *f) { conn_send(c, F_FAILED, 0, f, (uint32_t)(offsetof(struct failure, what) + strlen(f->what))); }

/* An exec's plan begins with its own words: tty, stdin. */
static void start_exec(struct conn *c, const uint8_t *data, uint32_t len) {
  struct failure f = {0};
  struct child_context ctx = {0};
  int i = 1;
  while (i < PROCS && procs[i].used) i++;
  if (len < 8 || i == PROCS) {
    failed(&f, NULL, EAGAIN, "exec:", i == PROCS ? "16 are running" : "short plan");
    send_failure(c, &f);
    return;
  }
  uint32_t tty, with_stdin;
  memcpy(&tty, data, 4);
  memcpy(&with_stdin, data + 4, 4);
  if (!shared_pid) { /* from now on the shim's children are born in the task's pid namespace */
    if (setns(procs[0].pidfd, CLONE_NEWPID) < 0) {
      failed(&f, NULL, errno, "setns", "pid namespace");
      send_failure(c, &f);
      return;
    }
    shared_pid = true;
  }
  struct proc *p = &procs[i];
  ctx.pidfd = procs[0].pidfd;
  if (launch(data + 8, len - 8, 0, &ctx, tty != 0, with_stdin != 0, p, &f) < 0) {
    send_failure(c, &f);
    return;
  }
  p->conn = conn_index(c);
  c->role = EXEC;
  c->proc = i;
  send_started(c, p->pid);
  resume_reading();
}

/* Takes one frame; false when it must wait for the process to read its input. */
static bool handle(struct conn *c, uint8_t type, uint8_t arg, uint8_t *data, uint32_t len) {
  struct proc *p = &procs[c->proc];
  switch (type) {
    case F_WATCH:
    case F_ATTACH:
      c->role = type == F_WATCH ? WATCH : ATTACH;
      c->flags = type == F_ATTACH ? arg : 0;
      if (type == F_ATTACH && held > 0 && --held == 0) resume_reading();
      send_started(c, procs[0].pid);
      return true;
    case F_META: {
      struct cursor plan;
      struct op_view op;
      uint32_t index = 0, size;
      if (plan_open(plan_data, plan_len, &plan))
        while (plan_next(&plan, &index, &op))
          if (op.code == OP_META) {
            const uint8_t *meta = get_bytes(&op.arg, &size);
            if (size + FRAME_HEAD <= RING) conn_send(c, F_META_IS, 0, meta, size);
          }
      return true;
    }
    case F_EXEC:
      start_exec(c, data, len);
      return true;
    case F_STDIN:
      while (len > 0 && p->io.in >= 0) {
        ssize_t n = write(p->io.in, data, len);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0 && errno == EAGAIN) { /* the rest stays in the buffer, as a shorter frame */
          put_head(data - FRAME_HEAD, F_STDIN, 0, len);
          c->in_used = (uint32_t)(data - FRAME_HEAD - c->in);
          c->blocked = true;
          watch_fd(p->io.in, TAG_IN + (uint32_t)conn_index(c), EPOLLOUT | EPOLLONESHOT);
          return false;
        }
        if (n < 0) close_fd(&p->io.in);
        else data += n, len -= (uint32_t)n;
      }
      return true;
    case F_STDIN_CLOSE:
      if (p->tty && p->io.in >= 0) {
        if (write(p->io.in, "\4", 1) < 0) return true;
      } else {
        close_fd(&p->io.in);
      }
      return true;
    case F_RESIZE:
      if (p->tty && p->io.out >= 0 && len >= 4) {
        struct winsize size = {0};
        memcpy(&size.ws_row, data, 2);
        memcpy(&size.ws_col, data + 2, 2);
        ioctl(p->io.out, TIOCSWINSZ, &size);
      }
      return true;
    case F_LOG_PACKED: {
      uint64_t inode;
      if (len < sizeof inode || !logging) return true;
      memcpy(&inode, data, sizeof inode);
      log_packed(&task_log, inode);
      return true;
    }
    case F_SIGNAL:
      if (p->used && !p->ended) syscall(SYS_pidfd_send_signal, p->pidfd, arg, NULL, 0);
      return true;
    default:
      conn_close(c);
      return true;
  }
}

static void take_frames(struct conn *c) {
  c->blocked = false;
  while (c->role != FREE && c->in_fill - c->in_used >= FRAME_HEAD) {
    uint8_t *head = c->in + c->in_used;
    uint32_t len;
    memcpy(&len, head + 4, 4);
    if (len > PLAN_MAX) {
      conn_close(c);
      return;
    }
    if (c->in_fill - c->in_used < FRAME_HEAD + len) break;
    c->in_used += FRAME_HEAD + len;
    if (!handle(c, head[0], head[1], head + FRAME_HEAD, len)) {
      watch_fd(c->fd, TAG_CONN + (uint32_t)conn_index(c), EPOLLRDHUP);
      return;
    }
  }
  if (c->in_used > 0) {
    memmove(c->in, c->in + c->in_used, c->in_fill - c->in_used);
    c->in_fill -= c->in_used;
    c->in_used = 0;
  }
}

static void on_conn(struct conn *c, uint32_t events) {
  if (c->role == FREE) return;
  if (events & EPOLLOUT) {
    conn_flush(c);
    resume_reading();
    for (int i = 1; i < PROCS; i++) finish_exec(i);
  }
  if (c->role != FREE && events & (EPOLLIN | EPOLLHUP | EPOLLERR)) {
    uint32_t room = (uint32_t)sizeof c->in - c->in_fill;
    if (room > CHUNK) room = CHUNK;
    ssize_t n = recv(c->fd, c->in + c->in_fill, room, MSG_DONTWAIT);
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
      conn_close(c);
      resume_reading();
      return;
    }
    if (n > 0) {
      c->in_fill += (uint32_t)n;
      take_frames(c);
    }
  }
}

/* Engines that watch pack rotated files; one that comes later looks for them itself. */
static void tell_rotations(void) {
  if (!(log_flags & LOG_PACK) || rotations_told == task_log.rotations) return;
  rotations_told = task_log.rotations;
  for (int i = 0; i < CONNS; i++)
    if (conns[i].role == WATCH && conns[i].proc == 0) conn_send(&conns[i], F_LOG_ROTATED, 0, "", 0);
}

static void refresh(struct conn *c) {
  if (c->role == FREE) return;
  if (c->role == WATCH && c->flags == 4 && c->out_fill == 0) {
    conn_close(c);
    return;
  }
  watch_fd(c->fd, TAG_CONN + (uint32_t)conn_index(c), (c->blocked ? 0 : EPOLLIN) | (c->out_fill ? EPOLLOUT : 0));
}

__attribute__((noreturn)) static void serve(void) {
  struct epoll_event events[32];
  for (;;) {
    bool waiting = false;
    for (int i = 0; i < CONNS; i++) {
      refresh(&conns[i]);
      waiting |= conns[i].role == ATTACH && conns[i].stalled_since != 0;
    }
    if (held > 0 && now_ms() >= held_until) {
      held = 0;
      resume_reading();
    }
    tell_rotations();
    if (procs[0].ended && held == 0) finish();
    int n = epoll_wait(epoll, events, 32, waiting || held > 0 ? STALL_LIMIT_MS : -1);
    if (waiting) resume_reading();
    bool signalled = false;
    for (int i = 0; i < n; i++) {
      uint32_t tag = events[i].data.u32;
      if (tag == TAG_SIGNAL) {
        signalled = true;
      } else if (tag == TAG_LISTEN) {
        int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        if (fd >= 0) conn_add(fd);
      } else if (tag >= TAG_IN) {
        struct conn *c = &conns[tag - TAG_IN];
        if (c->role != FREE) take_frames(c);
      } else if (tag >= TAG_OUT) {
        int proc = (int)(tag >= TAG_ERR ? tag - TAG_ERR : tag - TAG_OUT);
        if (procs[proc].used) pump(proc, tag >= TAG_ERR ? 2 : 1);
      } else {
        on_conn(&conns[tag - TAG_CONN], events[i].events);
      }
    }
    if (signalled) reap();
  }
}

static int read_full(int fd, void *data, size_t len) {
  uint8_t *at = data;
  while (len > 0) {
    ssize_t n = read(fd, at, len);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return -1;
    at += n;
    len -= (size_t)n;
  }
  return 0;
}

void task_main(int fd) {
  uint8_t head[FRAME_HEAD];
  uint32_t len;
  struct failure f = {0};
  struct child_context ctx = {.pidfd = -1};
  uint64_t clone_flags = 0;
  sigset_t mask;

  if (read_full(fd, head, sizeof head) < 0 || head[0] != F_PLAN) _exit(1);
  memcpy(&len, head + 4, 4);
  if (len > PLAN_MAX || read_full(fd, plan_data, len) < 0) _exit(1);
  plan_len = len;
  sigemptyset(&mask);
  sigaddset(&mask, SIGCHLD);
  sigprocmask(SIG_SETMASK, &mask, NULL);
  write_file("/proc/self/oom_score_adj", "-999");
  prctl(PR_SET_CHILD_SUBREAPER, 1);

  epoll = epoll_create1(EPOLL_CLOEXEC);
  signals = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
  struct conn *c = conn_add(fd);
  int result = prepare(&clone_flags, &ctx, &f);
  if (result == 0) result = listen_on(run_dir, &f);
  if (result == 0) result = launch(plan_data, plan_len, clone_flags, &ctx, (task_flags & TASK_TTY) != 0, (task_flags & TASK_STDIN) != 0, &procs[0], &f);
  if (result < 0) {
    remove_cgroups();
    remove_run_dir();
    send_failure(c, &f);
    _exit(0);
  }
  clock_gettime(CLOCK_REALTIME, &started);
  for (int i = 0; i < ctx.ns_count; i++) close(ctx.ns_fds[i]);
  char dir[PATH_MAX];
  snprintf(dir, sizeof dir, "%s", exit_path);
  char *slash = strrchr(dir, '/');
  if (slash) *slash = 0;
  exit_dir = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  for (int i = 1; i < PROCS; i++) procs[i].conn = -1;
  procs[0].conn = -1;
  c->role = WATCH;
  held = task_flags >> 8 & 0xff;
  held_until = now_ms() + HOLD_LIMIT_MS;
  watch_fd(signals, TAG_SIGNAL, EPOLLIN);
  watch_fd(listener, TAG_LISTEN, EPOLLIN);
  resume_reading();
  send_started(c, procs[0].pid);
  serve();
}
