/* One container from launch to end: a loop over what its processes write and what engines ask. */
#include "task.h"

#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#define HOLD_LIMIT_MS 5000
#define TICK_MS 200 /* how exactly a limit of time is kept, while one runs */

struct task task;

/* What the loop waits for: the listener, then for each place of connections and processes those of one kind after the other. */
enum wait { CLIENT, INPUT, OUTPUT, START = OUTPUT + 2, KINDS };
static struct pollfd waits[1 + KINDS * CONNS];
static int places; /* those above are free */

int64_t now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void close_fd(int *fd) {
  if (*fd >= 0) close(*fd);
  *fd = -1;
}

static struct pollfd *waited(enum wait kind, int place) { return &waits[1 + KINDS * place + (int)kind]; }

/* Fills in what to wait for; returns whether something is also waited for by time. */
static bool choose(void) {
  bool timed = false;
  for (places = CONNS; places > 0 && task.conns[places - 1].role == FREE && (places > PROCS || task.procs[places - 1].pid == 0);) places--;
  for (int i = 0; i < KINDS * places; i++) waits[1 + i] = (struct pollfd){.fd = -1};
  timed = now_ms() < task.accept_at;
  waits[0] = (struct pollfd){.fd = timed ? -1 : task.listener, .events = POLLIN};
  for (int i = 0; i < places; i++) {
    struct conn *c = &task.conns[i];
    if (c->role == FREE) continue;
    short events = (short)((c->blocked || is_starting(c) ? 0 : POLLIN) | (c->out_fill > 0 ? POLLOUT : 0));
    if (events != 0 || c->role == EXEC) *waited(CLIENT, i) = (struct pollfd){.fd = c->fd, .events = events};
    if (c->blocked) *waited(INPUT, c->proc) = (struct pollfd){.fd = task.procs[c->proc].fd[0], .events = POLLOUT};
  }
  for (int i = 0; i < places && i < PROCS; i++) {
    struct proc *p = &task.procs[i];
    if (p->pid == 0) continue;
    bool reads = may_read(p);
    timed |= (i == 0 && !reads) || p->sync >= 0;
    *waited(START, i) = (struct pollfd){.fd = p->sync, .events = POLLIN};
    for (int stream = 1; stream <= 2 && reads; stream++)
      waited(OUTPUT, i)[stream - 1] = (struct pollfd){.fd = p->fd[stream], .events = POLLIN};
  }
  return timed;
}

static void reap(void) {
  int status;
  pid_t pid;
  while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
    for (struct proc *p = task.procs; p < task.procs + PROCS; p++) {
      if (p->pid != pid || p->ended) continue;
      p->ended = true;
      p->status = status;
      if (p == task.procs) record_exit();
      close_fd(&p->slave);
      close_fd(&p->fd[0]);
    }
}

static void serve_clients(void) {
  int fd = waits[0].revents ? accept4(task.listener, NULL, NULL, SOCK_CLOEXEC) : -1;
  if (waits[0].revents && fd < 0 && errno != EAGAIN && errno != EINTR) task.accept_at = now_ms() + TICK_MS;
  for (int i = 0; i < places; i++) {
    struct conn *c = &task.conns[i];
    short events = waited(CLIENT, i)->revents;
    if (events & POLLOUT) conn_flush(c);
    if (c->role != FREE && events & ~POLLOUT) conn_receive(c);
    if (c->blocked && (waited(INPUT, c->proc)->revents || task.procs[c->proc].fd[0] < 0)) take_frames(c);
    if (c->role != FREE && c->last && c->out_fill == 0) conn_close(c);
  }
  if (fd >= 0) conn_add(fd);
}

static bool is_drained(const struct proc *p) { return p->fd[1] < 0 && p->fd[2] < 0; }

static void serve_processes(void) {
  for (int i = 0; i < places && i < PROCS; i++) {
    struct proc *p = &task.procs[i];
    struct failure f = {0};
    if (p->pid == 0) continue;
    int start = p->sync >= 0 ? hear(p, &f) : 1;
    if (start <= 0) exec_started(p, start < 0 ? &f : NULL);
    for (int turn = 0, first = p->errors_next; turn < 2; turn++)
      if (waited(OUTPUT, i)[first ^ turn].revents) pump(p, 1 + (first ^ turn));
    if (i == 0 || !p->ended || p->sync >= 0) continue;
    for (int stream = 1; stream <= 2; stream++)
      while (p->fd[stream] >= 0 && may_read(p)) pump(p, stream);
    if (!is_drained(p)) continue;
    if (p->conn) send_exit(p->conn, p);
    if (p->conn) { /* which sending may have closed */
      p->conn->role = WATCH;
      p->conn->last = true;
    }
    release(p);
  }
}

/* Waits for something to do, for so many milliseconds at most if not negative, and does it. */
static void serve(int timeout) {
  sigset_t none;
  sigemptyset(&none);
  if (choose() && timeout < 0) timeout = TICK_MS;
  struct timespec limit = {timeout / 1000, timeout % 1000 * 1000000};
  if (ppoll(waits, (nfds_t)(1 + KINDS * places), timeout < 0 ? NULL : &limit, &none) < 0)
    for (int i = 0; i <= KINDS * places; i++) waits[i].revents = 0;
  reap();
  serve_clients();
  serve_processes();
}

static bool is_quiet(void) {
  for (int i = 1; i < PROCS; i++)
    if (task.procs[i].pid != 0) return false;
  return is_drained(&task.procs[0]);
}

static bool is_alone(void) {
  for (int i = 0; i < CONNS; i++)
    if (task.conns[i].role != FREE) return false;
  return true;
}

__attribute__((noreturn)) static void run(void) {
  while (!task.procs[0].ended) serve(-1);
  if (task.flags & TASK_KILL_REST || task.shares_pids) kill_cgroups();
  for (int i = 1; i < PROCS; i++)
    if (task.procs[i].pid != 0) kill(task.procs[i].pid, SIGKILL);
  int64_t limit = (task.held > 0 ? task.held_until : now_ms()) + STALL_LIMIT_MS;
  while (!is_quiet() && now_ms() < limit) serve(TICK_MS);
  for (int stream = 1; stream <= 2; stream++)
    if (task.logging) log_finish(&task.log, stream);
  oci_delete();
  remove_cgroups();
  close_fd(&task.listener);
  remove_run_dir();
  for (struct conn *c = task.conns; c < task.conns + CONNS; c++) {
    if ((c->role == WATCH || c->role == ATTACH) && !c->last) send_exit(c, &task.procs[0]);
    c->last = true;
  }
  limit = now_ms() + STALL_LIMIT_MS;
  while (!is_alone() && now_ms() < limit) serve(TICK_MS);
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
  if (head[0] == F_NAMESPACES) namespaces_main(fd, head[1] & 1, (const char *)task.plan);
  task.plan_len = len;
  sigemptyset(&mask);
  sigaddset(&mask, SIGCHLD); /* heard in the loop's wait alone */
  sigprocmask(SIG_SETMASK, &mask, NULL);
  signal(SIGCHLD, wake);
  write_file("/proc/self/oom_score_adj", "-999");
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  struct conn *c = conn_add(fd);
  if (prepare(&ctx, &f) < 0 || listen_on(task.run_dir, &f) < 0 ||
      launch(task.plan, task.plan_len, task.clone_flags, task.flags, &ctx, &task.procs[0], &f) < 0 || oci_take(&task.procs[0], &f) < 0) {
    remove_cgroups();
    remove_run_dir();
    send_failure(c, &f);
    _exit(0);
  }
  clock_gettime(CLOCK_REALTIME, &task.started);
  for (int i = 0; i < ctx.ns_count; i++) close(ctx.ns_fds[i]);
  if (ctx.userns > 0) close(ctx.userns);
  c->role = WATCH;
  task.held = task.flags >> 8 & 0xff;
  task.held_until = now_ms() + HOLD_LIMIT_MS;
  send_started(c, task.procs[0].pid);
  run();
}
