/* Connections of engines on the control socket: frames in and out. */
#include "task.h"

#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>

/* Makes room for so much in a buffer. */
static bool reserve(struct buffer *b, uint32_t size) {
  if (size <= b->max) return true;
  void *more = b->max > 0 ? mremap(b->at, b->max, size, MREMAP_MAYMOVE)
                          : mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (more == MAP_FAILED) return false;
  b->at = more;
  b->max = size;
  return true;
}

/* There is a free place; NULL when there is no memory for one more, which is closed. */
struct conn *conn_add(int fd) {
  struct conn *c = task.conns;
  while (c->role != FREE) c++;
  *c = (struct conn){.role = NEW, .fd = fd};
  if (reserve(&c->in, IN_MAX) && reserve(&c->out, OUT_MAX)) return c;
  conn_close(c);
  return NULL;
}

void conn_close(struct conn *c) {
  if (c->role == FREE) return;
  struct proc *p = &task.proc;
  if (task.is_exec && !c->last) { /* nobody will read it any more */
    if (task.whole && p->pid > 0) kill_session(p->pid);
    if (!p->ended) kill(p->pid, SIGKILL);
    for (int i = 0; i < 3; i++) close_fd(&p->fd[i]);
  }
  close(c->fd);
  c->role = FREE;
  if (c->in.max > 0) munmap(c->in.at, c->in.max);
  if (c->out.max > 0) munmap(c->out.at, c->out.max);
}

void conn_flush(struct conn *c) {
  if (c->role == FREE || c->out.fill == 0) return;
  ssize_t n = send(c->fd, c->out.at, c->out.fill, MSG_NOSIGNAL | MSG_DONTWAIT);
  if (n < 0 && errno != EAGAIN && errno != EINTR) conn_close(c);
  if (n <= 0) return;
  memmove(c->out.at, c->out.at + n, c->out.fill -= (uint32_t)n);
  c->moved_at = now_ms();
}

static void put_head(uint8_t *at, uint8_t type, uint8_t arg, uint32_t len) {
  memcpy(at, (uint8_t[]){type, arg, 0, 0}, 4);
  memcpy(at + 4, &len, 4);
}

void conn_send(struct conn *c, uint8_t type, uint8_t arg, const void *data, uint32_t len) {
  struct buffer *out = &c->out;
  if (c->role == FREE) return;
  if (len > out->max - FRAME_HEAD || out->fill > out->max - FRAME_HEAD - len) {
    conn_close(c); /* too slow: cut off rather than hold the process up */
    return;
  }
  if (out->fill == 0) c->moved_at = now_ms();
  put_head(out->at + out->fill, type, arg, len);
  memcpy(out->at + out->fill + FRAME_HEAD, data, len);
  out->fill += FRAME_HEAD + len;
  conn_flush(c);
}

static uint64_t nanos(const struct timespec *t) { return (uint64_t)t->tv_sec * 1000000000u + (uint64_t)t->tv_nsec; }

void send_started(struct conn *c) {
  struct {
    uint32_t pid, version;
    uint64_t at;
  } started = {(uint32_t)task.proc.pid, PROTOCOL_VERSION, nanos(&task.started)};
  conn_send(c, F_STARTED, 0, &started, sizeof started);
}

void send_failure(struct conn *c, const struct failure *f) {
  conn_send(c, F_FAILED, 0, f, (uint32_t)(offsetof(struct failure, what) + strlen(f->what)));
}

void send_exit(struct conn *c) {
  int status = task.proc.status;
  uint32_t sig = WIFSIGNALED(status) ? (uint32_t)WTERMSIG(status) : 0;
  struct {
    uint32_t code, signal, oom, pad;
    uint64_t at, oom_peak, oom_limit;
  } exit = {sig ? 128 + sig : (uint32_t)WEXITSTATUS(status), sig, task.oom_kills > 0, 0, nanos(&task.ended), task.oom_peak, task.oom_limit};
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
    if (reserve(&c->out, c->out.fill + FRAME_HEAD + size)) conn_send(c, F_META_IS, 0, meta, size);
    return;
  }
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
  struct proc *p = &task.proc;
  uint64_t inode = 0;
  if ((type == F_WATCH || type == F_ATTACH || type == F_EXEC) && c->role != NEW) type = 0;
  switch (type) {
    case F_WATCH:
    case F_ATTACH:
      c->role = type == F_WATCH ? WATCH : ATTACH;
      c->lossless = type == F_ATTACH && arg & 2;
      if (type == F_ATTACH && task.held > 0) task.held--;
      send_started(c);
      break;
    case F_META: send_meta(c); break;
    case F_EXEC: start_exec(c, data, len, arg & 1); break;
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
      memcpy(&inode, data, len < sizeof inode ? len : sizeof inode);
      if (task.logging) log_packed(&task.log, inode);
      break;
    default: conn_close(c);
  }
  return left;
}

void take_frames(struct conn *c) {
  uint32_t used = 0, len;
  c->blocked = false;
  while (c->role != FREE && !c->last && !c->blocked && c->in.fill - used >= FRAME_HEAD) {
    uint8_t *head = c->in.at + used, type = head[0];
    memcpy(&len, head + 4, 4);
    if (len > (type == F_EXEC ? PLAN_MAX : FRAME_MAX)) {
      conn_close(c);
      return;
    }
    if (c->in.fill - used < FRAME_HEAD + len) {
      if (!reserve(&c->in, FRAME_HEAD + len)) conn_close(c);
      break;
    }
    uint32_t left = handle(c, type, head[1], head + FRAME_HEAD, len);
    used += len - left;
    if (c->role != FREE && c->blocked) put_head(c->in.at + used, type, 0, left); /* the rest stays in the buffer, as a shorter frame */
    else used += FRAME_HEAD;
  }
  if (c->role == FREE) return;
  memmove(c->in.at, c->in.at + used, c->in.fill -= used);
}

void conn_receive(struct conn *c) {
  size_t room = c->in.max - c->in.fill;
  ssize_t n = recv(c->fd, c->in.at + c->in.fill, room < CHUNK ? room : CHUNK, MSG_DONTWAIT);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n <= 0) {
    conn_close(c);
    return;
  }
  c->in.fill = c->last ? 0 : c->in.fill + (uint32_t)n;
  take_frames(c);
}
