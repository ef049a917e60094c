/* Makes a child and follows it until it has executed its program. */
#include "task.h"

#include <limits.h>
#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define START_LIMIT_MS 30000

static int pipe_pair(int *reader, int *writer) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) < 0) return -1;
  *reader = ends[0];
  *writer = ends[1];
  return 0;
}

int place(pid_t pid, struct failure *f) {
  char path[PATH_MAX], text[24];
  text[put_num(text, (uint64_t)pid)] = 0;
  for (int i = 0; i < cgroup_count; i++) {
    if (!(cgroups[i].flags & CG_JOIN) || cgroups[i].flags & CG_CLONE_INTO) continue;
    snprintf(path, sizeof path, "%s/cgroup.procs", cgroups[i].path);
    if (write_file(path, text) < 0) return failed(f, NULL, errno, "join", path);
  }
  return 0;
}

static pid_t clone_child(uint64_t flags, int *pidfd) {
  struct clone_args args = {.flags = flags | CLONE_PIDFD, .pidfd = (uint64_t)(uintptr_t)pidfd, .exit_signal = SIGCHLD};
  int into = -1;
  for (int i = 0; i < cgroup_count; i++) {
    if (!(cgroups[i].flags & CG_CLONE_INTO)) continue;
    into = open(cgroups[i].path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (into >= 0) {
      args.flags |= CLONE_INTO_CGROUP;
      args.cgroup = (uint64_t)into;
    }
  }
  pid_t pid = (pid_t)syscall(SYS_clone3, &args, sizeof args);
  if (into >= 0 && pid != 0) close(into);
  return pid;
}

/* Follows the child by its messages until it has executed its program: 0, or -1 with the failure. */
static int follow(int sync, struct proc *p, struct failure *f) {
  int64_t limit = now_ms() + START_LIMIT_MS;
  for (;;) {
    struct pollfd wait = {.fd = sync, .events = POLLIN};
    int64_t left = limit - now_ms();
    if (left <= 0 || poll(&wait, 1, (int)left) == 0) return failed(f, NULL, ETIMEDOUT, "wait for", "start");
    union {
      char space[CMSG_SPACE(sizeof(int))];
      struct cmsghdr align;
    } control = {0};
    struct failure message;
    struct iovec iov = {&message, sizeof message};
    struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.space, .msg_controllen = sizeof control.space};
    ssize_t n = recvmsg(sync, &msg, MSG_CMSG_CLOEXEC);
    if (n < 0 && errno == EINTR) continue;
    if (n == 0) return 0;
    if (n < 0) return failed(f, NULL, errno, "hear from", "child");
    struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
    if (n == sizeof message) {
      *f = message;
      return -1;
    }
    if (c && c->cmsg_type == SCM_RIGHTS) {
      int master;
      memcpy(&master, CMSG_DATA(c), sizeof master);
      close_fd(&p->io.out);
      p->io.out = master;
      p->io.in = dup(master);
      fcntl(p->io.in, F_SETFD, FD_CLOEXEC);
    } else if (*(char *)&message == 'R') {
      if (send(sync, "G", 1, MSG_NOSIGNAL) != 1) return failed(f, NULL, errno, "answer", "child");
    }
  }
}

/* Starts a process by its plan; p gets the shim's ends of its streams. */
int launch(const uint8_t *plan, size_t len, uint64_t flags, struct child_context *ctx, bool tty, bool with_stdin, struct proc *p,
                  struct failure *f) {
  int sync[2] = {-1, -1}, result = -1;
  ctx->io = p->io = (struct stdio){-1, -1, -1, tty};
  p->tty = tty;
  p->pidfd = -1;
  p->status = 0;
  p->ended = false;
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sync) < 0) return failed(f, NULL, errno, "socketpair", "");
  if (!tty && (pipe_pair(&p->io.out, &ctx->io.out) < 0 || pipe_pair(&p->io.err, &ctx->io.err) < 0 ||
               (with_stdin && pipe_pair(&ctx->io.in, &p->io.in) < 0))) {
    failed(f, NULL, errno, "pipe", "");
    goto done;
  }
  pid_t pid = clone_child(flags, &p->pidfd);
  if (pid == 0) {
    ctx->sync = sync[1];
    close(sync[0]);
    child_main(plan, len, ctx);
  }
  if (pid < 0) {
    failed(f, NULL, errno, "clone3", "");
    goto done;
  }
  p->pid = pid;
  close_fd(&sync[1]);
  close_fd(&ctx->io.in);
  close_fd(&ctx->io.out);
  close_fd(&ctx->io.err);
  /* The kernel may wait for a grace period here, while the child is busy with its mounts; it may not fork before its sync. */
  struct failure placing = {0};
  result = place(pid, &placing);
  if (result < 0 && placing.err != ESRCH) {
    *f = placing;
  } else {
    result = follow(sync[0], p, f);
  }
  if (result < 0) {
    kill(pid, SIGKILL);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) {
    }
  }
done:
  close_fd(&sync[0]);
  close_fd(&sync[1]);
  close_fd(&ctx->io.in);
  close_fd(&ctx->io.out);
  close_fd(&ctx->io.err);
  if (result < 0) {
    close_fd(&p->io.in);
    close_fd(&p->io.out);
    close_fd(&p->io.err);
    close_fd(&p->pidfd);
    return -1;
  }
  p->used = true;
  if (p->io.in >= 0) fcntl(p->io.in, F_SETFL, O_NONBLOCK);
  if (p->io.out >= 0) fcntl(p->io.out, F_SETFL, O_NONBLOCK);
  if (p->io.err >= 0) fcntl(p->io.err, F_SETFL, O_NONBLOCK);
  return 0;
}
