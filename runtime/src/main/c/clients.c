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

static void put_head(uint8_t *at, uint8_t type, uint8_t arg, uint32_t len) {
  memset(at, 0, FRAME_HEAD);
  at[0] = type;
  at[1] = arg;
  memcpy(at + 4, &len, 4);
}

void conn_flush(struct conn *c) {
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

uint32_t ring_room(const struct conn *c) { return RING - c->out_fill; }

void conn_send(struct conn *c, uint8_t type, uint8_t arg, const void *data, uint32_t len) {
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

int conn_index(const struct conn *c) { return (int)(c - conns); }

struct conn *conn_add(int fd) {
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

void conn_close(struct conn *c) {
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

void send_exit(struct conn *c, const struct proc *p) {
  int sig = WIFSIGNALED(p->status) ? WTERMSIG(p->status) : 0;
  struct {
    uint32_t code, signal, oom, pad;
    uint64_t at, oom_peak, oom_limit;
  } exit = {sig ? 128u + (uint32_t)sig : (uint32_t)WEXITSTATUS(p->status), (uint32_t)sig, p == procs && oom_kills > 0, 0,
            (uint64_t)ended_at.tv_sec * 1000000000u + (uint64_t)ended_at.tv_nsec, oom_peak, oom_limit};
  conn_send(c, F_EXIT, 0, &exit, sizeof exit);
}

void send_started(struct conn *c, pid_t pid) {
  struct {
    uint32_t pid, version;
    uint64_t at;
  } s = {(uint32_t)pid, PROTOCOL_VERSION, (uint64_t)started.tv_sec * 1000000000u + (uint64_t)started.tv_nsec};
  conn_send(c, F_STARTED, 0, &s, sizeof s);
}

void send_failure(struct conn *c, const struct failure *f) { conn_send(c, F_FAILED, 0, f, (uint32_t)(offsetof(struct failure, what) + strlen(f->what))); }

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

void take_frames(struct conn *c) {
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

void on_conn(struct conn *c, uint32_t events) {
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
void tell_rotations(void) {
  static uint32_t rotations_told;
  if (!(log_flags & LOG_PACK) || rotations_told == task_log.rotations) return;
  rotations_told = task_log.rotations;
  for (int i = 0; i < CONNS; i++)
    if (conns[i].role == WATCH && conns[i].proc == 0) conn_send(&conns[i], F_LOG_ROTATED, 0, "", 0);
}

void refresh(struct conn *c) {
  if (c->role == FREE) return;
  if (c->role == WATCH && c->flags == 4 && c->out_fill == 0) {
    conn_close(c);
    return;
  }
  watch_fd(c->fd, TAG_CONN + (uint32_t)conn_index(c), (c->blocked ? 0 : EPOLLIN) | (c->out_fill ? EPOLLOUT : 0));
}
