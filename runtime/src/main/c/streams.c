/* What processes write: read when all that are promised it have room, to the log and to clients. */
#include "task.h"

#include <poll.h>

static uint8_t scratch[CHUNK];

static bool stalled(struct conn *c) {
  if (c->stalled_since != 0 && now_ms() - c->stalled_since > STALL_LIMIT_MS) conn_close(c);
  return c->role != FREE;
}

/* How much may be read of a process now, so that nobody who is promised all of it loses a byte. */
uint32_t room_for(int proc) {
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
int pump(int proc, int stream) {
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

void resume_reading(void) {
  for (int i = 0; i < PROCS; i++) {
    if (!procs[i].used) continue;
    if (procs[i].io.out >= 0) watch_fd(procs[i].io.out, TAG_OUT + (uint32_t)i, room_for(i) ? EPOLLIN : 0);
    if (procs[i].io.err >= 0) watch_fd(procs[i].io.err, TAG_ERR + (uint32_t)i, room_for(i) ? EPOLLIN : 0);
  }
}

void drain_log(void) {
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

void finish_exec(int i) {
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
