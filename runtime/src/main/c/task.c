/* One process from launch to end: a loop over what it writes and what engines ask. A container's shim does so for its main process,
 * and each exec has a fork of it that does the same for the exec and its one client. */
#include "shim.h"

#define HOLD_LIMIT_MS 5000
#define TICK_MS 200 /* how exactly a limit of time is kept, while one runs */

struct task task = {.listener = -1, .container = -1, .proc = NO_PROC};

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
    if (c->role != ATTACH || c->out_fill <= CHUNK) continue;
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
    short events = (short)((c->blocked ? 0 : POLLIN) | (c->out_fill > 0 ? POLLOUT : 0));
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
  int status, most = 64;
  pid_t pid;
  struct proc *p = &task.proc;
  while (most-- > 0 && (pid = waitpid(-1, &status, WNOHANG)) > 0) {
    if (pid != p->pid || p->ended) continue;
    p->ended = true;
    p->status = status;
    record_exit();
    close_fd(&p->slave);
    close_fd(&p->fd[0]);
  }
  if (most < 0) raise(SIGCHLD); /* others come first, then the rest: a container can make more of them than can be reaped */
}

static void serve_clients(void) {
  for (int i = 0; i < CONNS; i++) {
    struct conn *c = &task.conns[i];
    short events = waits[CLIENTS + i].revents;
    if (events & POLLOUT) conn_flush(c);
    if (c->role != FREE && events & ~POLLOUT) conn_receive(c);
    if (c->blocked && (waits[INPUT].revents || task.proc.fd[0] < 0)) take_frames(c);
    if (c->role != FREE && c->last && c->out_fill == 0) conn_close(c);
  }
  if (!waits[LISTENER].revents || task.listener < 0) return; /* it has none any more if it became an exec's */
  int fd = accept4(task.listener, NULL, NULL, SOCK_CLOEXEC);
  if (fd >= 0) conn_add(fd);
  else if (errno != EAGAIN && errno != EINTR) task.accept_at = now_ms() + TICK_MS;
}

/* Moves what the process has written to the log and to clients; closes the stream at its end. What an ended exec has not written yet,
 * it never will. Engines that watch pack rotated files; one that comes later looks for them itself. One that has not taken what was told
 * before is told no more: cut off for being slow it would take the task for lost, and kill it. */
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
    bool rotated = n > 0 && log_write(stream, (char *)scratch, (size_t)n, t);
    if (n <= 0) log_finish(stream);
    for (struct conn *c = task.conns; rotated && task.tells_rotations && c < task.conns + CONNS; c++)
      if (c->role == WATCH && !c->last && c->out_fill == 0) conn_send(c, F_LOG_ROTATED, 0, "", 0);
  }
  for (struct conn *c = task.conns; n > 0 && c < task.conns + CONNS; c++)
    if (c->role == ATTACH) conn_send(c, F_OUT, (uint8_t)stream, scratch, (uint32_t)n);
}

/* Waits for something to do, for so many milliseconds at most if not negative, and does it. Others than an exec's process may hold its
 * streams: what it left in them when it ended is read without waiting for more. */
static void serve(int timeout) {
  int most = choose();
  if (timeout < 0) timeout = most;
  struct timespec limit = {timeout / 1000, timeout % 1000 * 1000000};
  ppoll(waits, CLIENTS + CONNS, timeout < 0 ? NULL : &limit, NO_SIGNALS);
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

/* Takes the first frame of a connection, which has a plan; returns its type and argument, or -1. */
static int receive_plan(int fd, struct plan *plan) {
  uint8_t head[FRAME_HEAD];
  uint32_t len;
  errno = EPROTO; /* unless the kernel says more */
  if (recv(fd, head, sizeof head, MSG_WAITALL) != sizeof head) return -1;
  memcpy(&len, head + 4, 4);
  if (len == 0 || len > PLAN_MAX) return -1;
  uint8_t *at = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (at == MAP_FAILED) return -1;
  if (recv(fd, at, len, MSG_WAITALL) == (ssize_t)len && plan_open(plan, at, len)) return head[0] | head[1] << 8;
  munmap(at, len);
  return -1;
}

/* An exec's shim: a fork of its container's that lets go of all but its client, whose frame it takes itself. */
static int become_exec(struct conn *c, struct failure *f) {
  struct plan plan;
  struct child child = {.pidfd = task.proc.pidfd};
  for (struct conn *other = task.conns; other < task.conns + CONNS; other++)
    if (other != c) conn_close(other);
  close_fd(&task.listener);
  if (task.logging) log_close();
  task.container = child.pidfd;
  task.proc.pidfd = -1;
  release(&task.proc);
  task.logging = false;
  task.held = 0;
  task.is_exec = true;
  int flags = receive_plan(c->fd, &plan) >> 8;
  if (flags < 0) return failed(f, errno, "read", "plan");
  task.whole = flags & EXEC_WHOLE;
  int result = launch(&plan, 0, (uint32_t)flags & (TASK_TTY | TASK_STDIN), &child, &task.proc, f);
  munmap(plan.at, plan.len);
  return result;
}

/* Returns twice: in the container's shim without the client, and in the exec's. */
void start_exec(struct conn *c) {
  struct failure f = {0};
  pid_t own = getpid(), pid = fork();
  if (pid > 0) {
    conn_close(c);
    return;
  }
  if (pid < 0) failed(&f, errno, "fork", "exec");
  if (pid == 0 && (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != own)) _exit(1);
  if (pid < 0 || become_exec(c, &f) < 0) {
    send_failure(c, &f);
    c->last = true;
    return;
  }
  c->role = ATTACH;
  send_started(c);
}

/* As execs' shims are. */
static bool has_children(void) {
  siginfo_t info;
  return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

static bool is_alone(void) {
  for (int i = 0; i < CONNS; i++)
    if (task.conns[i].role != FREE) return false;
  return task.is_exec || !has_children();
}

static void end_task(void) {
  if (task.flags & TASK_KILL_REST) kill_all(0);
  int64_t limit = (task.held > 0 ? task.held_until : now_ms()) + STALL_LIMIT_MS;
  while ((!is_drained() || has_children()) && now_ms() < limit) serve(-1);
  for (int stream = OUTPUT; stream <= ERRORS; stream++)
    if (task.logging) log_finish(stream);
  oci_delete();
  remove_cgroups();
  close_fd(&task.listener);
}

/* What is left of execs when a task's shim ends, ends with it. */
__attribute__((noreturn)) static void run(void) {
  while (!task.proc.ended || (task.is_exec && !is_drained())) serve(-1);
  if (!task.is_exec) end_task();
  for (struct conn *c = task.conns; c < task.conns + CONNS; c++) {
    if (c->role > NEW && !c->last) conn_send(c, F_ENDED, 0, task.record, strlen(task.record));
    c->last = true;
  }
  int64_t limit = now_ms() + STALL_LIMIT_MS;
  while (!is_alone() && (task.is_exec || now_ms() < limit)) serve(TICK_MS); /* gives clients time to close their ends */
  _exit(0);
}

static void wake(int sig) { (void)sig; }

static int launch_task(struct failure *f) {
  char path[PATH_MAX];
  struct child child = {.pidfd = -1};
  int result = prepare(f);
  snprintf(path, sizeof path, "%s/ctl", result == 0 && task.run_dir ? task.run_dir : "");
  if (result == 0 && (task.listener = listen_at(path)) < 0) result = failed(f, errno, "bind", path);
  if (result == 0) result = launch(&task.child, task.clone_flags, task.flags, &child, &task.proc, f);
  return result < 0 ? result : oci_take(f);
}

void task_main(int fd) {
  struct failure f = {0};
  sigset_t mask;
  sigemptyset(&mask);
  sigaddset(&mask, SIGCHLD); /* heard in the loop's wait alone */
  sigprocmask(SIG_SETMASK, &mask, NULL);
  signal(SIGCHLD, wake);
  write_file("/proc/self/oom_score_adj", "-999");
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  int type = receive_plan(fd, &task.plan) & 0xff;
  bool holds = type == F_NAMESPACES; /* which the plan makes: the engine writes maps of users, sets the network up and starts the task */
  struct conn *c = conn_add(fd);
  if (c == NULL || (type != F_PLAN && !holds)) _exit(1);
  if ((holds ? prepare(&f) : launch_task(&f)) < 0) {
    kill_all(0);
    remove_cgroups();
    send_failure(c, &f);
    _exit(0);
  }
  if (holds) task.proc.pid = getpid();
  clock_gettime(CLOCK_REALTIME, &task.started);
  c->role = WATCH;
  send_started(c);
  if (holds) _exit(recv(fd, &f, 1, 0) < 0); /* until the end of the connection */
  uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), end = (uintptr_t)task.child.at + task.child.len;
  uintptr_t unused = ((uintptr_t)task.child.at + page - 1) / page * page; /* whole pages at the plan's end, which was the child's */
  if (unused < end) munmap((void *)unused, end - unused);
  task.held = task.flags >> 8 & 0xff;
  task.held_until = now_ms() + HOLD_LIMIT_MS;
  run();
}
