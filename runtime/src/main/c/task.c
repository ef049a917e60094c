/* One container from launch to end. Owned by one thread and one epoll; engines come and go on its control socket. */
#include "task.h"

#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>

#define HOLD_LIMIT_MS 5000

uint8_t plan_data[PLAN_MAX];
size_t plan_len;
struct conn conns[CONNS];
struct proc procs[PROCS];
struct cgroup cgroups[CGROUPS];
int cgroup_count, listener = -1;
static int epoll = -1, signals = -1;
const char *run_dir, *exit_path, *log_path, *task_id;
uint32_t task_flags;
struct log_file task_log;
bool logging, shared_pid;
uint32_t held;
static int64_t held_until;
struct timespec started, ended_at;
uint32_t oom_kills, oom_base, log_flags;
uint64_t oom_peak, oom_limit;

int64_t now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void watch_fd(int fd, uint32_t tag, uint32_t events) {
  struct epoll_event e = {.events = events, .data.u32 = tag};
  if (epoll_ctl(epoll, EPOLL_CTL_MOD, fd, &e) < 0) epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &e);
}

void close_fd(int *fd) {
  if (*fd >= 0) close(*fd);
  *fd = -1;
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
