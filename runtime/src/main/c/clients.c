/* Connections of engines on the control socket: frames in and out. */
#include "task.h"

#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>

static uint8_t *map(uint32_t size) { return mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); }

struct conn *conn_add(int fd) {
  for (struct conn *c = task.conns; c < task.conns + CONNS; c++) {
    if (c->role != FREE) continue;
    uint8_t *in = map(IN_MAX), *out = in == MAP_FAILED ? in : map(OUT_MAX);
    if (out == MAP_FAILED && in != MAP_FAILED) munmap(in, IN_MAX);
    if (out == MAP_FAILED) break;
    *c = (struct conn){.role = NEW, .fd = fd, .in = in, .out = out, .in_max = IN_MAX, .out_max = OUT_MAX};
    return c;
  }
  close(fd);
  return NULL;
}

/* Makes room for so much in a buffer, where there is less. */
static bool grow(uint8_t **space, uint32_t *max, uint32_t size) {
  if (size <= *max) return true;
  uint8_t *more = mremap(*space, *max, size, MREMAP_MAYMOVE);
  if (more == MAP_FAILED) return false;
  *space = more;
  *max = size;
  return true;
}

void conn_close(struct conn *c) {
  if (c->role == FREE) return;
  struct proc *p = &task.procs[c->proc];
  if (c->role == EXEC) { /* nobody will read it any more */
    p->conn = NULL;
    if (c->whole) kill_session(p->pid);
    if (!p->ended) kill(p->pid, SIGKILL);
    close_fd(&p->sync);
    for (int i = 0; i < 3; i++) close_fd(&p->fd[i]);
  }
  close(c->fd);
  c->role = FREE;
  munmap(c->in, c->in_max);
  munmap(c->out, c->out_max);
}

void conn_flush(struct conn *c) {
  if (c->role == FREE || c->out_fill == 0) return;
  ssize_t n = send(c->fd, c->out, c->out_fill, MSG_NOSIGNAL | MSG_DONTWAIT);
  if (n < 0) {
    if (errno != EAGAIN && errno != EINTR) conn_close(c);
    return;
  }
  memmove(c->out, c->out + n, c->out_fill -= (uint32_t)n);
  c->moved_at = now_ms();
}

static void put_head(uint8_t *at, uint8_t type, uint8_t arg, uint32_t len) {
  memset(at, 0, FRAME_HEAD);
  at[0] = type;
  at[1] = arg;
  memcpy(at + 4, &len, 4);
}

uint8_t *conn_space(struct conn *c) { return c->out + c->out_fill + FRAME_HEAD; }

void conn_send_space(struct conn *c, uint8_t type, uint8_t arg, uint32_t len) {
  if (c->out_fill == 0) c->moved_at = now_ms();
  put_head(c->out + c->out_fill, type, arg, len);
  c->out_fill += FRAME_HEAD + len;
  conn_flush(c);
}

void conn_send(struct conn *c, uint8_t type, uint8_t arg, const void *data, uint32_t len) {
  if (c->role == FREE) return;
  if (len > c->out_max - FRAME_HEAD || c->out_fill > c->out_max - FRAME_HEAD - len) {
    conn_close(c); /* too slow: cut off rather than hold the process up */
    return;
  }
  memcpy(conn_space(c), data, len);
  conn_send_space(c, type, arg, len);
}

static uint64_t nanos(const struct timespec *t) { return (uint64_t)t->tv_sec * 1000000000u + (uint64_t)t->tv_nsec; }

void send_started(struct conn *c, pid_t pid) {
  struct {
    uint32_t pid, version;
    uint64_t at;
  } started = {(uint32_t)pid, PROTOCOL_VERSION, nanos(&task.started)};
  conn_send(c, F_STARTED, 0, &started, sizeof started);
}

void send_failure(struct conn *c, const struct failure *f) {
  conn_send(c, F_FAILED, 0, f, (uint32_t)(offsetof(struct failure, what) + strlen(f->what)));
}

void send_exit(struct conn *c, const struct proc *p) {
  uint32_t sig = WIFSIGNALED(p->status) ? (uint32_t)WTERMSIG(p->status) : 0;
  struct {
    uint32_t code, signal, oom, pad;
    uint64_t at, oom_peak, oom_limit;
  } exit = {sig ? 128 + sig : (uint32_t)WEXITSTATUS(p->status),
            sig,
            p == task.procs && task.oom_kills > 0,
            0,
            nanos(&task.ended),
            task.oom_peak,
            task.oom_limit};
  conn_send(c, F_EXIT, 0, &exit, sizeof exit);
}

static void send_meta(struct conn *c) {
  struct cursor plan;
  struct op_view op;
  uint32_t index = 0, size;
  plan_open(task.plan, task.plan_len, &plan);
  while (plan_next(&plan, &index, &op)) {
    if (op.code != OP_META) continue;
    const uint8_t *meta = get_bytes(&op.arg, &size);
    if (grow(&c->out, &c->out_max, c->out_fill + FRAME_HEAD + size)) conn_send(c, F_META_IS, 0, meta, size);
    return;
  }
}

/* An exec's plan begins with its own words: terminal, input. */
static int start_exec(struct conn *c, const uint8_t *data, uint32_t len, struct failure *f) {
  struct child_context ctx = {.pidfd = task.procs[0].pidfd};
  struct cursor words = {data, data + len, false};
  uint32_t flags = get_u32(&words) ? TASK_TTY : 0;
  if (get_u32(&words)) flags |= TASK_STDIN;
  int i = 1;
  while (i < PROCS && task.procs[i].pid != 0) i++;
  if (words.bad || i == PROCS) return failed(f, NULL, EAGAIN, "exec:", words.bad ? "short plan" : "too many are running");
  if (!task.shares_pids && setns(ctx.pidfd, CLONE_NEWPID) < 0) return failed(f, NULL, errno, "setns", "pid namespace");
  task.shares_pids = true; /* from now on the shim's children are born in the task's pid namespace */
  if (begin(words.at, (size_t)(words.end - words.at), 0, flags, &ctx, &task.procs[i], f) < 0) return -1;
  task.procs[i].conn = c;
  c->role = EXEC;
  c->proc = i;
  return 0;
}

bool is_starting(const struct conn *c) { return c->role == EXEC && task.procs[c->proc].sync >= 0; }

/* Tells an exec's client how its start went; what it sent since is taken now. */
void exec_started(struct proc *p, const struct failure *f) {
  struct conn *c = p->conn;
  if (f == NULL) {
    send_started(c, p->pid);
    take_frames(c);
    return;
  }
  kill(p->pid, SIGKILL);
  close_fd(&p->sync);
  for (int i = 0; i < 3; i++) close_fd(&p->fd[i]);
  p->conn = NULL;
  c->role = WATCH;
  c->last = true;
  send_failure(c, f);
}

/* Gives input to the process; returns how much of it the process has no room for now. The end of input takes a byte of a terminal. */
static uint32_t give_input(struct proc *p, const uint8_t *data, uint32_t len) {
  while (len > 0 && p->fd[0] >= 0) {
    ssize_t n = write(p->fd[0], data, len);
    if (n < 0 && errno == EAGAIN) return len;
    if (n < 0 && errno != EINTR) close_fd(&p->fd[0]);
    if (n < 0) continue;
    data += n;
    len -= (uint32_t)n;
  }
  return 0;
}

static uint32_t end_input(struct proc *p) {
  if (p->slave >= 0) return give_input(p, (const uint8_t *)"\4", 1);
  close_fd(&p->fd[0]);
  return 0;
}

static void resize(struct proc *p, const uint8_t *data, uint32_t len) {
  struct winsize size = {0};
  if (p->slave < 0 || len < 4) return;
  memcpy(&size.ws_row, data, 2);
  memcpy(&size.ws_col, data + 2, 2);
  ioctl(p->slave, TIOCSWINSZ, &size);
}

/* Carries a frame out; what of it waits for the process to read its input is blocked, and so many bytes long. */
static uint32_t handle(struct conn *c, uint8_t type, uint8_t arg, const uint8_t *data, uint32_t len) {
  uint32_t left = 0;
  struct proc *p = &task.procs[c->proc];
  struct failure f = {0};
  uint64_t inode;
  if ((type == F_WATCH || type == F_ATTACH || type == F_EXEC) && c->role != NEW) type = 0;
  switch (type) {
    case F_WATCH:
    case F_ATTACH:
      c->role = type == F_WATCH ? WATCH : ATTACH;
      c->lossless = type == F_ATTACH && arg & 2;
      if (type == F_ATTACH && task.held > 0) task.held--;
      send_started(c, p->pid);
      break;
    case F_META: send_meta(c); break;
    case F_EXEC:
      c->whole = arg & 1;
      if (start_exec(c, data, len, &f) < 0) send_failure(c, &f);
      break;
    case F_STDIN:
      left = give_input(p, data, len);
      c->blocked = left > 0;
      break;
    case F_STDIN_CLOSE: c->blocked = end_input(p) > 0; break;
    case F_RESIZE: resize(p, data, len); break;
    case F_SIGNAL:
      if (!p->ended) syscall(SYS_pidfd_send_signal, p->pidfd, arg, NULL, 0);
      break;
    case F_LOG_PACKED:
      if (len < sizeof inode || !task.logging) break;
      memcpy(&inode, data, sizeof inode);
      log_packed(&task.log, inode);
      break;
    default: conn_close(c);
  }
  return left;
}

void take_frames(struct conn *c) {
  uint32_t used = 0, len;
  c->blocked = false;
  while (c->role != FREE && !c->last && !c->blocked && !is_starting(c) && c->in_fill - used >= FRAME_HEAD) {
    uint8_t *head = c->in + used, type = head[0];
    memcpy(&len, head + 4, 4);
    if (len > (type == F_EXEC ? PLAN_MAX : FRAME_MAX)) {
      conn_close(c);
      return;
    }
    if (c->in_fill - used < FRAME_HEAD + len) {
      if (!grow(&c->in, &c->in_max, FRAME_HEAD + len)) conn_close(c);
      break;
    }
    uint32_t left = handle(c, type, head[1], head + FRAME_HEAD, len);
    used += len - left;
    if (c->role != FREE && c->blocked) put_head(c->in + used, type, 0, left); /* the rest stays in the buffer, as a shorter frame */
    else used += FRAME_HEAD;
  }
  if (c->role == FREE) return;
  memmove(c->in, c->in + used, c->in_fill -= used);
}

void conn_receive(struct conn *c) {
  size_t room = c->in_max - c->in_fill;
  ssize_t n = recv(c->fd, c->in + c->in_fill, room < CHUNK ? room : CHUNK, MSG_DONTWAIT);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n <= 0) {
    conn_close(c);
    return;
  }
  c->in_fill = c->last ? 0 : c->in_fill + (uint32_t)n;
  take_frames(c);
}
