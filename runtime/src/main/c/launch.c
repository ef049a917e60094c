/* Makes a child and follows it until it has executed its program. */
#include "task.h"

#include <limits.h>
#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>

#define START_LIMIT_MS 30000

static int make_pipe(int *reader, int *writer) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) < 0) return -1;
  *reader = ends[0];
  *writer = ends[1];
  return 0;
}

int place(pid_t pid, struct failure *f) {
  char path[PATH_MAX], text[24];
  text[put_num(text, (uint64_t)pid)] = 0;
  for (struct cgroup *g = task.cgroups; g < task.cgroups + task.cgroup_count; g++) {
    if (!(g->flags & CG_JOIN) || g->flags & CG_CLONE_INTO) continue;
    snprintf(path, sizeof path, "%s/cgroup.procs", g->path);
    if (write_file(path, text) < 0 && errno != ESRCH) return failed(f, NULL, errno, "join", path); /* a child that ended will say why */
  }
  return 0;
}

/* place() leaves a group that a child is born in out: without that group there is no child, for it would be in none and unlimited. */
static pid_t clone_child(uint64_t flags, int *pidfd) {
  struct clone_args args = {.flags = flags | CLONE_PIDFD, .pidfd = (uint64_t)(uintptr_t)pidfd, .exit_signal = SIGCHLD};
  int into = -1;
  for (int i = 0; i < task.cgroup_count && into < 0; i++)
    if (task.cgroups[i].flags & CG_CLONE_INTO && (into = open(task.cgroups[i].path, O_PATH | O_DIRECTORY | O_CLOEXEC)) < 0) return -1;
  if (into >= 0) {
    args.flags |= CLONE_INTO_CGROUP;
    args.cgroup = (uint64_t)into;
  }
  pid_t pid = (pid_t)syscall(SYS_clone3, &args, sizeof args);
  if (pid != 0) close_fd(&into);
  return pid;
}

static void take_terminal(struct proc *p, int master) {
  fcntl(master, F_SETFL, O_NONBLOCK);
  p->fd[1] = master;
  p->fd[0] = fcntl(master, F_DUPFD_CLOEXEC, 0);
  p->slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
}

/* The first process of the task's pid namespace takes the place of the child that made it. */
static void take_process(struct proc *p, int pidfd, pid_t pid) {
  close_fd(&p->pidfd);
  p->pidfd = pidfd;
  p->pid = pid;
}

/* Takes a message of the child: 1 if more will come, 0 if it has executed its program, -1 with the failure. */
static int hear(int sync, int64_t limit, struct proc *p, struct failure *f) {
  union {
    char space[CMSG_SPACE(sizeof(int))];
    struct cmsghdr align;
  } control = {0};
  struct message message;
  struct iovec iov = {&message, sizeof message};
  struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.space, .msg_controllen = sizeof control.space};
  struct pollfd wait = {.fd = sync, .events = POLLIN};
  int64_t left = limit - now_ms();
  int ready = left > 0 ? poll(&wait, 1, (int)left) : 0, fd = -1;
  if (ready <= 0) return ready < 0 ? 1 : failed(f, NULL, ETIMEDOUT, "wait for", "start");
  ssize_t n = recvmsg(sync, &msg, MSG_CMSG_CLOEXEC);
  if (n < 0) return failed(f, NULL, errno, "hear from", "child");
  if (n == 0) return 0;
  struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
  if (c) memcpy(&fd, CMSG_DATA(c), sizeof fd);
  if (n == sizeof message && message.what == SAYS_FAILED) {
    *f = message.failure;
    return -1;
  }
  if (n != sizeof message || (message.what != SAYS_READY && fd < 0)) return failed(f, NULL, EPROTO, "take what is said by", "child");
  if (message.what == SAYS_TERMINAL) take_terminal(p, fd);
  if (message.what == SAYS_PROCESS) take_process(p, fd, message.pid);
  if (message.what != SAYS_TERMINAL && send(sync, "G", 1, MSG_NOSIGNAL) != 1) return failed(f, NULL, errno, "answer", "child");
  return 1;
}

void release(struct proc *p) {
  for (int i = 0; i < 3; i++) close_fd(&p->fd[i]);
  close_fd(&p->slave);
  close_fd(&p->pidfd);
  p->pid = 0;
  p->ended = true;
}

/* Makes the child of a plan; p gets the shim's ends of its streams. */
int launch(const uint8_t *plan, size_t len, uint64_t clone_flags, uint32_t flags, struct child_context *ctx, struct proc *p,
           struct failure *f) {
  int sync[2], more = 1;
  int64_t limit = now_ms() + START_LIMIT_MS;
  *p = (struct proc){.pidfd = -1, .fd = {-1, -1, -1}, .slave = -1, .ended = true};
  ctx->io = (struct stdio){-1, -1, -1, flags & TASK_TTY};
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sync) < 0) return failed(f, NULL, errno, "socketpair", "");
  ctx->sync = sync[1];
  if (!ctx->io.tty && (make_pipe(&p->fd[1], &ctx->io.out) < 0 || make_pipe(&p->fd[2], &ctx->io.err) < 0 ||
                       (flags & TASK_STDIN && make_pipe(&ctx->io.in, &p->fd[0]) < 0)))
    more = failed(f, NULL, errno, "pipe", "");
  else if ((p->pid = clone_child(clone_flags, &p->pidfd)) < 0) more = failed(f, NULL, errno, "clone3 into the cgroup of", task.id);
  if (more > 0 && p->pid == 0) {
    close(sync[0]);
    child_main(plan, len, ctx);
  }
  close_fd(&sync[1]);
  close_fd(&ctx->io.in);
  close_fd(&ctx->io.out);
  close_fd(&ctx->io.err);
  for (int i = 0; i < 3; i++)
    if (p->fd[i] >= 0) fcntl(p->fd[i], F_SETFL, O_NONBLOCK);
  /* The kernel may wait for a grace period here, while the child is busy with its mounts; it may not fork before its sync. */
  if (more > 0 && !(flags & NOT_IN_GROUPS) && place(p->pid, f) < 0) more = -1;
  while (more > 0) more = hear(sync[0], limit, p, f);
  close_fd(&sync[0]);
  p->ended = more < 0;
  if (more == 0) return 0;
  if (p->pid > 0) kill(p->pid, SIGKILL);
  while (p->pid > 0 && waitpid(p->pid, NULL, 0) < 0 && errno == EINTR) continue;
  release(p);
  return -1;
}
