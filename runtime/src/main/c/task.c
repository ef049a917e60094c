/* One process from launch to end: a loop over what it writes and what engines ask. A container's shim does so for its main process,
 * and each exec has a fork of it that does the same for the exec and its one client. */
#include "task.h"

#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <termios.h>

#define HOLD_LIMIT_MS 5000
#define TICK_MS 200 /* how exactly a limit of time is kept, while one runs */

struct task task;

/* What the loop waits for; the first three are the process's streams. */
enum { INPUT, OUTPUT, ERRORS, LISTENER, CONTAINER, CLIENTS };
static struct pollfd waits[CLIENTS + CONNS];
static uint8_t scratch[CHUNK];

int64_t now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void close_fd(int *fd) {
  if (*fd >= 0) close(*fd);
  *fd = -1;
}

/* Whether all that output is promised have room for it. A client that takes nothing for some time is promised no more, but an exec's:
 * only its own process waits for it. */
static bool may_read(void) {
  int64_t now = now_ms();
  if (task.held > 0 && now < task.held_until) return false;
  for (struct conn *c = task.conns; c < task.conns + CONNS; c++) {
    if (c->role != ATTACH || !c->lossless || c->out.fill <= CHUNK) continue;
    if (task.is_exec || now - c->moved_at < STALL_LIMIT_MS) return false;
    conn_close(c);
  }
  return true;
}

static bool is_drained(void) { return task.proc.fd[1] < 0 && task.proc.fd[2] < 0; }

/* Fills in what to wait for; returns for how many milliseconds, or -1. */
static int choose(void) {
  bool reads = may_read(), in_time = now_ms() >= task.accept_at, room = false, blocked = false;
  for (int i = 0; i < CONNS; i++) {
    struct conn *c = &task.conns[i];
    short events = (short)((c->blocked ? 0 : POLLIN) | (c->out.fill > 0 ? POLLOUT : 0));
    bool waited = c->role != FREE && (events != 0 || task.is_exec); /* an exec's end of the connection is seen at any time */
    waits[CLIENTS + i] = (struct pollfd){.fd = waited ? c->fd : -1, .events = events};
    blocked |= c->role != FREE && c->blocked;
    room |= c->role == FREE;
  }
  waits[INPUT] = (struct pollfd){.fd = blocked ? task.proc.fd[0] : -1, .events = POLLOUT};
  for (int stream = OUTPUT; stream <= ERRORS; stream++)
    waits[stream] = (struct pollfd){.fd = reads ? task.proc.fd[stream] : -1, .events = POLLIN};
  waits[LISTENER] = (struct pollfd){.fd = in_time && room ? task.listener : -1, .events = POLLIN};
  waits[CONTAINER] = (struct pollfd){.fd = task.is_exec ? task.container : -1, .events = POLLIN};
  if (task.is_exec) return task.proc.ended && reads && !is_drained() ? 0 : -1;
  return !in_time || !reads || task.proc.ended ? TICK_MS : -1;
}

static void reap(void) {
  int status;
  pid_t pid;
  struct proc *p = &task.proc;
  while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
    for (int i = 0; i < EXECS; i++)
      if (task.execs[i] == pid) task.execs[i] = 0;
    if (pid != p->pid || p->ended) continue;
    p->ended = true;
    p->status = status;
    if (!task.is_exec) record_exit();
    close_fd(&p->slave);
    close_fd(&p->fd[0]);
  }
}

static void serve_clients(void) {
  for (int i = 0; i < CONNS; i++) {
    struct conn *c = &task.conns[i];
    short events = waits[CLIENTS + i].revents;
    if (events & POLLOUT) conn_flush(c);
    if (c->role != FREE && events & ~POLLOUT) conn_receive(c);
    if (c->blocked && (waits[INPUT].revents || task.proc.fd[0] < 0)) take_frames(c);
    if (c->role != FREE && c->last && c->out.fill == 0) conn_close(c);
  }
  if (!waits[LISTENER].revents || task.listener < 0) return; /* it has none any more if it became an exec's */
  int fd = accept4(task.listener, NULL, NULL, SOCK_CLOEXEC);
  if (fd >= 0) conn_add(fd);
  else if (errno != EAGAIN && errno != EINTR) task.accept_at = now_ms() + TICK_MS;
}

/* Engines that watch pack rotated files; one that comes later looks for them itself. One that has not taken what was told before is told
 * no more: cut off for being slow it would take the task for lost, and kill it. */
static void tell_rotations(void) {
  static uint32_t told;
  if (told == task.log.rotations) return;
  told = task.log.rotations;
  for (struct conn *c = task.conns; task.pack_logs && c < task.conns + CONNS; c++)
    if (c->role == WATCH && !c->last && c->out.fill == 0) conn_send(c, F_LOG_ROTATED, 0, "", 0);
}

/* Moves what the process has written to the log and to clients; closes the stream at its end. What an ended exec has not written yet,
 * it never will. */
static void pump(int stream) {
  struct proc *p = &task.proc;
  if (p->fd[stream] < 0) return;
  ssize_t n = read(p->fd[stream], scratch, sizeof scratch);
  if (n < 0 && (errno == EINTR || (errno == EAGAIN && !(task.is_exec && p->ended)))) return;
  if (n < 0 && errno == EIO && !p->ended && p->slave >= 0) { /* the terminal was hung up, and may be taken again */
    close(p->slave);
    p->slave = ioctl(p->fd[stream], TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (p->slave >= 0) return;
  }
  if (n <= 0) close_fd(&p->fd[stream]);
  if (task.logging) {
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    if (n > 0) log_write(&task.log, stream, (char *)scratch, (size_t)n, t);
    else log_finish(&task.log, stream);
    tell_rotations();
  }
  for (struct conn *c = task.conns; n > 0 && c < task.conns + CONNS; c++)
    if (c->role == ATTACH) conn_send(c, F_OUT, (uint8_t)stream, scratch, (uint32_t)n);
}

/* Waits for something to do, for so many milliseconds at most if not negative, and does it. Others than an exec's process may hold its
 * streams: what it left in them when it ended is read without waiting for more. */
static void serve(int timeout) {
  sigset_t none;
  sigemptyset(&none);
  int most = choose();
  if (timeout < 0) timeout = most;
  struct timespec limit = {timeout / 1000, timeout % 1000 * 1000000};
  if (ppoll(waits, CLIENTS + CONNS, timeout < 0 ? NULL : &limit, &none) < 0)
    for (int i = 0; i < CLIENTS + CONNS; i++) waits[i].revents = 0;
  reap();
  if (waits[CONTAINER].revents) {
    if (!task.proc.ended) kill(task.proc.pid, SIGKILL);
    close_fd(&task.container);
  }
  serve_clients();
  bool reads = may_read(); /* once: there is room for both */
  for (int stream = OUTPUT; stream <= ERRORS; stream++)
    if (reads && (waits[stream].revents || (task.is_exec && task.proc.ended))) pump(stream);
}

/* An exec's shim: a fork of its container's that lets go of all but its client. Its plan begins with its own words: terminal, input. */
static int become_exec(struct conn *c, struct cursor words, bool whole, struct failure *f) {
  struct child_context ctx = {.pidfd = task.proc.pidfd};
  for (struct conn *other = task.conns; other < task.conns + CONNS; other++)
    if (other != c) conn_close(other);
  close_fd(&task.listener);
  close_fd(&task.log.fd);
  task.container = ctx.pidfd;
  task.proc.pidfd = -1;
  release(&task.proc);
  task.logging = false;
  task.held = 0;
  task.is_exec = true;
  task.whole = whole;
  uint32_t flags = get_u32(&words) ? TASK_TTY : 0;
  if (get_u32(&words)) flags |= TASK_STDIN;
  if (words.bad) return failed(f, NULL, EPROTO, "exec:", "short plan");
  if (setns(ctx.pidfd, CLONE_NEWPID) < 0) return failed(f, NULL, errno, "setns", "pid namespace");
  return launch(words.at, (size_t)(words.end - words.at), 0, flags, &ctx, &task.proc, f);
}

/* Returns twice: in the container's shim without the client, and in the exec's. */
void start_exec(struct conn *c, const uint8_t *data, uint32_t len, bool whole) {
  struct failure f = {0};
  pid_t own = getpid(), *place = task.execs, pid = -1;
  while (place < task.execs + EXECS && *place != 0) place++;
  if (place == task.execs + EXECS) failed(&f, NULL, EAGAIN, "exec:", "too many are running");
  else if ((pid = fork()) < 0) failed(&f, NULL, errno, "fork", "exec");
  if (pid > 0) {
    *place = pid;
    conn_close(c);
    return;
  }
  if (pid == 0 && (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != own)) _exit(1);
  if (pid < 0 || become_exec(c, (struct cursor){data, data + len, false}, whole, &f) < 0) {
    send_failure(c, &f);
    c->last = true;
    return;
  }
  c->role = ATTACH;
  c->lossless = true;
  send_started(c);
}

static bool has_execs(void) {
  for (int i = 0; i < EXECS && !task.is_exec; i++)
    if (task.execs[i] != 0) return true;
  return false;
}

static bool is_alone(void) {
  for (int i = 0; i < CONNS; i++)
    if (task.conns[i].role != FREE) return false;
  return !has_execs();
}

static void end_task(void) {
  if (task.flags & TASK_KILL_REST) kill_cgroups();
  int64_t limit = (task.held > 0 ? task.held_until : now_ms()) + STALL_LIMIT_MS;
  while ((!is_drained() || has_execs()) && now_ms() < limit) serve(-1);
  for (int stream = OUTPUT; stream <= ERRORS; stream++)
    if (task.logging) log_finish(&task.log, stream);
  oci_delete();
  remove_cgroups();
  close_fd(&task.listener);
  remove_run_dir();
}

/* What is left of execs when a task's shim ends, ends with it. */
__attribute__((noreturn)) static void run(void) {
  while (!task.proc.ended || (task.is_exec && !is_drained())) serve(-1);
  if (!task.is_exec) end_task();
  for (struct conn *c = task.conns; c < task.conns + CONNS; c++) {
    if ((c->role == WATCH || c->role == ATTACH) && !c->last) send_exit(c);
    c->last = true;
  }
  int64_t limit = now_ms() + STALL_LIMIT_MS;
  while (!is_alone() && (task.is_exec || now_ms() < limit)) serve(TICK_MS); /* gives clients time to close their ends */
  _exit(0);
}

static int read_full(int fd, void *data, size_t len) {
  for (uint8_t *at = data, *end = at + len; at < end;) {
    ssize_t n = read(fd, at, (size_t)(end - at));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return -1;
    at += n;
  }
  return 0;
}

static void wake(int sig) { (void)sig; }

/* Another task's pid namespace holds for the children that are made now; the shim's own, for its execs' shims and all later ones. */
static int launch_task(struct child_context *ctx, struct failure *f) {
  int own = open("/proc/self/ns/pid", O_RDONLY | O_CLOEXEC), result = prepare(f);
  if (result == 0) result = listen_on(task.run_dir, f);
  if (result == 0) result = launch(task.plan, task.plan_len, task.clone_flags, task.flags, ctx, &task.proc, f);
  if (own >= 0) setns(own, CLONE_NEWPID);
  close_fd(&own);
  return result < 0 ? result : oci_take(&task.proc, f);
}

void task_main(int fd) {
  uint8_t head[FRAME_HEAD];
  uint32_t len;
  struct failure f = {0};
  struct child_context ctx = {.pidfd = -1};
  sigset_t mask;

  if (read_full(fd, head, sizeof head) < 0 || (head[0] != F_PLAN && head[0] != F_NAMESPACES)) _exit(1);
  memcpy(&len, head + 4, 4);
  if (len >= PLAN_MAX) _exit(1);
  task.plan = mmap(NULL, len + 1, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (task.plan == MAP_FAILED || read_full(fd, task.plan, len) < 0) _exit(1);
  task.plan_len = len;
  if (head[0] == F_NAMESPACES) namespaces_main(fd);
  sigemptyset(&mask);
  sigaddset(&mask, SIGCHLD); /* heard in the loop's wait alone */
  sigprocmask(SIG_SETMASK, &mask, NULL);
  signal(SIGCHLD, wake);
  write_file("/proc/self/oom_score_adj", "-999");
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  struct conn *c = conn_add(fd);
  if (launch_task(&ctx, &f) < 0) {
    remove_cgroups();
    remove_run_dir();
    send_failure(c, &f);
    _exit(0);
  }
  clock_gettime(CLOCK_REALTIME, &task.started);
  c->role = WATCH;
  task.held = task.flags >> 8 & 0xff;
  task.held_until = now_ms() + HOLD_LIMIT_MS;
  send_started(c);
  run();
}
