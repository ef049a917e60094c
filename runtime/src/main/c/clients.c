/* Connections of engines on the control socket: frames in and out. */
#include "shim.h"

#include <sys/un.h>

int listen_at(const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (strlen(path) >= sizeof address.sun_path) return errno = ENAMETOOLONG, -1;
  strcpy(address.sun_path, path);
  unlink(path);
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  return fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(fd, 512) < 0 ? -1 : fd;
}

/* There is a free place; NULL when there is no memory for one more, which is closed. */
struct conn *conn_add(int fd) {
  struct conn *c = task.conns;
  while (c->role != FREE) c++;
  uint8_t *space = mmap(NULL, IN_MAX + OUT_MAX, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (space == MAP_FAILED) return close(fd), NULL;
  *c = (struct conn){.role = NEW, .fd = fd, .in = space, .out = space + IN_MAX};
  return c;
}

void conn_close(struct conn *c) {
  if (c->role == FREE) return;
  struct proc *p = &task.proc;
  if (task.is_exec && !c->last) { /* nobody will read it any more */
    if (task.whole && p->pid > 0) kill_all(p->pid);
    if (!p->ended) kill(p->pid, SIGKILL);
    p->ended = true; /* who traces it may keep it from being reaped */
    for (int i = 0; i < 3; i++) close_fd(&p->fd[i]);
  }
  close(c->fd);
  c->role = FREE;
  munmap(c->in, IN_MAX + OUT_MAX);
}

void conn_flush(struct conn *c) {
  if (c->role == FREE || c->out_fill == 0) return;
  ssize_t n = send(c->fd, c->out, c->out_fill, MSG_NOSIGNAL | MSG_DONTWAIT);
  if (n < 0 && errno != EAGAIN && errno != EINTR) conn_close(c);
  if (n <= 0) return;
  memmove(c->out, c->out + n, c->out_fill -= (uint32_t)n);
  c->moved_at = now_ms();
}

static void put_head(uint8_t *at, uint8_t type, uint8_t arg, uint32_t len) {
  memcpy(at, (uint8_t[]){type, arg, 0, 0}, 4);
  memcpy(at + 4, &len, 4);
}

/* One that is too slow is cut off rather than that it holds the process up. */
void conn_send(struct conn *c, uint8_t type, uint8_t arg, const void *data, size_t len) {
  if (len > OUT_MAX - FRAME_HEAD || c->out_fill > OUT_MAX - FRAME_HEAD - len) conn_close(c);
  if (c->role == FREE) return;
  if (c->out_fill == 0) c->moved_at = now_ms();
  put_head(c->out + c->out_fill, type, arg, (uint32_t)len);
  memcpy(c->out + c->out_fill + FRAME_HEAD, data, len);
  c->out_fill += FRAME_HEAD + (uint32_t)len;
  conn_flush(c);
}

void send_started(struct conn *c) {
  struct {
    uint32_t pid, version;
    uint64_t at;
  } started = {(uint32_t)task.proc.pid, PROTOCOL_VERSION, (uint64_t)task.started.tv_sec * 1000000000u + (uint64_t)task.started.tv_nsec};
  conn_send(c, F_STARTED, 0, &started, sizeof started);
}

void send_failure(struct conn *c, const struct failure *f) {
  conn_send(c, F_FAILED, 0, f, offsetof(struct failure, what) + strlen(f->what));
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

/* Carries a frame out; what of it waits for the process to read its input is blocked, and so many bytes long. */
static uint32_t handle(struct conn *c, uint8_t type, uint8_t arg, const uint8_t *data, uint32_t len) {
  uint32_t left = 0;
  struct proc *p = &task.proc;
  struct winsize size = {0};
  if ((type == F_WATCH || type == F_ATTACH) && c->role != NEW) type = 0;
  switch (type) {
    case F_WATCH:
    case F_ATTACH:
      c->role = type == F_WATCH ? WATCH : ATTACH;
      if (type == F_ATTACH && task.held > 0) task.held--;
      send_started(c);
      break;
    case F_META: conn_send(c, F_META_IS, 0, "", 0); break; /* engines ask, for older shims had what is in the bundle */
    case F_STDIN:
      left = give_input(p, data, len);
      c->blocked = left > 0;
      break;
    case F_STDIN_CLOSE:
      if (p->slave < 0) close_fd(&p->fd[0]);
      else c->blocked = give_input(p, (const uint8_t *)"\4", 1) > 0;
      break;
    case F_RESIZE:
      if (len >= 4) memcpy(&size, data, 4); /* rows and columns are its first */
      if (len >= 4 && p->slave >= 0) ioctl(p->slave, TIOCSWINSZ, &size);
      break;
    case F_SIGNAL: syscall(SYS_pidfd_send_signal, p->pidfd, arg, NULL, 0); break;
    default: conn_close(c);
  }
  return left;
}

void take_frames(struct conn *c) {
  uint32_t used = 0, len;
  c->blocked = false;
  while (c->role != FREE && !c->last && !c->blocked && c->in_fill - used >= FRAME_HEAD) {
    uint8_t *head = c->in + used, type = head[0];
    memcpy(&len, head + 4, 4);
    if (len > FRAME_MAX) conn_close(c);
    if (c->role == FREE || c->in_fill - used < FRAME_HEAD + len) break;
    uint32_t left = handle(c, type, head[1], head + FRAME_HEAD, len);
    used += len - left;
    if (c->role != FREE && c->blocked) put_head(c->in + used, type, 0, left); /* the rest stays in the buffer, as a shorter frame */
    else used += FRAME_HEAD;
  }
  if (c->role != FREE) memmove(c->in, c->in + used, c->in_fill -= used);
}

void conn_receive(struct conn *c) {
  uint8_t type;
  if (c->role == NEW && !c->last && c->in_fill == 0 && recv(c->fd, &type, 1, MSG_PEEK | MSG_DONTWAIT) == 1 && type == F_EXEC) {
    start_exec(c);
    return;
  }
  size_t room = IN_MAX - c->in_fill;
  ssize_t n = recv(c->fd, c->in + c->in_fill, room < CHUNK ? room : CHUNK, MSG_DONTWAIT);
  if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) conn_close(c);
  if (n <= 0) return;
  c->in_fill = c->last ? 0 : c->in_fill + (uint32_t)n;
  take_frames(c);
}
