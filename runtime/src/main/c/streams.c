/* What processes write: read when all that are promised it have room, to the log and to clients. */
#include "task.h"

#include <sys/ioctl.h>
#include <termios.h>

static uint8_t scratch[CHUNK];

/* A client that takes nothing for some time is promised no more. */
bool may_read(const struct proc *p) {
  int64_t now = now_ms();
  if (p == task.procs && task.held > 0 && now < task.held_until) return false;
  for (struct conn *c = task.conns; c < task.conns + CONNS; c++) {
    if (c->role == FREE || &task.procs[c->proc] != p || c->out_fill <= CHUNK) continue;
    if (c->role == EXEC) return false;
    if (!c->lossless) continue;
    if (now - c->moved_at < STALL_LIMIT_MS) return false;
    conn_close(c);
  }
  return true;
}

/* Engines that watch pack rotated files; one that comes later looks for them itself. One that has not taken what was told before is told
 * no more: cut off for being slow it would take the task for lost, and kill it. */
static void tell_rotations(void) {
  static uint32_t told;
  if (told == task.log.rotations) return;
  told = task.log.rotations;
  for (struct conn *c = task.conns; task.pack_logs && c < task.conns + CONNS; c++)
    if (c->role == WATCH && !c->last && c->out_fill == 0) conn_send(c, F_LOG_ROTATED, 0, "", 0);
}

/* Moves what a process has written, if there is room; closes the stream at its end. What an ended exec has not written yet, it never
 * will. The room is asked for here, and for each read: what one stream wrote may have taken the other's. */
void pump(struct proc *p, int stream) {
  if (p->fd[stream] < 0 || !may_read(p)) return;
  bool is_main = p == task.procs;
  uint8_t *data = is_main ? scratch : conn_space(p->conn);
  ssize_t n = read(p->fd[stream], data, CHUNK);
  if (n < 0 && (errno == EINTR || (errno == EAGAIN && (is_main || !p->ended)))) return;
  if (n < 0 && errno == EIO && !p->ended && p->slave >= 0) { /* the terminal was hung up, and may be taken again */
    close(p->slave);
    p->slave = ioctl(p->fd[stream], TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (p->slave >= 0) return;
  }
  p->errors_next = stream == 1;
  if (n <= 0) close_fd(&p->fd[stream]);
  if (is_main && task.logging) {
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    if (n > 0) log_write(&task.log, stream, (char *)data, (size_t)n, t);
    else log_finish(&task.log, stream);
    tell_rotations();
  }
  if (!is_main && n > 0) conn_send_space(p->conn, F_OUT, (uint8_t)stream, (uint32_t)n);
  for (struct conn *c = task.conns; is_main && n > 0 && c < task.conns + CONNS; c++)
    if (c->role == ATTACH) conn_send(c, F_OUT, (uint8_t)stream, data, (uint32_t)n);
}
