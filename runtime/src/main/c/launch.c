/* From a plan to a process: what the shim does itself, then a child, which is followed until it has executed its program. */
#include "shim.h"

#include <linux/sched.h>

#define START_LIMIT_MS 30000

static long own(const struct plan *plan, const struct op *op, const long *args) {
  const char *text = (const char *)args[0];
  if (task.cgroup_count == CGROUPS || task.figure_count == FIGURES) return errno = E2BIG, -1;
  switch (op->code) {
    case OP_TASK:
      task.id = text;
      task.run_dir = (const char *)args[1];
      task.exit_path = (const char *)args[2];
      task.flags = (uint32_t)args[3];
      task.clone_flags = (uint64_t)args[4];
      return 0;
    case OP_LOG:
      task.logging = true;
      task.tells_rotations = args[5] != 0;
      return log_open(text, args[1], (uint32_t)args[2], (uint32_t)args[3], (const char *)args[4]);
    case OP_CGROUP:
      task.cgroups[task.cgroup_count++] = text;
      if (args[1] != 0) task.born_in = task.cgroup_count;
      return 0;
    case OP_FIGURE: task.figures[task.figure_count++] = text; return 0;
    case OP_RUNTIME: return oci_open(plan, args);
    case OP_CHILD: return plan_within(&task.child, plan, args[0]) ? 0 : (errno = EPROTO, -1);
    default: return errno = ENOSYS, -1;
  }
}

int prepare(struct failure *f) {
  int result = carry_out(&task.plan, own, f);
  close_registers(); /* the child opens its own */
  return result;
}

int place(pid_t pid, struct failure *f) {
  char path[PATH_MAX], text[24];
  snprintf(text, sizeof text, "%d", pid);
  for (int i = 0; i < task.cgroup_count; i++) {
    if (i + 1 == task.born_in) continue;
    snprintf(path, sizeof path, "%s/cgroup.procs", task.cgroups[i]);
    if (write_file(path, text) < 0 && errno != ESRCH) return failed(f, errno, "join", path); /* a child that ended will say why */
  }
  return 0;
}

/* place() leaves a group that a child is born in out: without that group there is no child, for it would be in none and unlimited. */
static pid_t clone_child(uint64_t flags, int *pidfd) {
  struct clone_args args = {.flags = flags | CLONE_PIDFD, .pidfd = (uint64_t)(uintptr_t)pidfd, .exit_signal = SIGCHLD};
  int into = task.born_in ? open(task.cgroups[task.born_in - 1], O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
  if (task.born_in) {
    if (into < 0) return -1;
    args.flags |= CLONE_INTO_CGROUP;
    args.cgroup = (uint64_t)into;
  }
  pid_t pid = (pid_t)syscall(SYS_clone3, &args, sizeof args);
  if (pid != 0) close_fd(&into);
  return pid;
}

int say(int sync, const struct message *message, int fd) {
  union {
    char space[CMSG_SPACE(sizeof(int))];
    struct cmsghdr align;
  } control = {.align = {.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof(int))}};
  struct iovec iov = {(void *)(uintptr_t)message, sizeof *message};
  struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
  if (fd >= 0) {
    msg.msg_control = control.space;
    msg.msg_controllen = sizeof control.space;
    memcpy(CMSG_DATA(&control.align), &fd, sizeof fd);
  }
  return sendmsg(sync, &msg, MSG_NOSIGNAL) < 0 ? -1 : 0;
}

static void take_terminal(struct proc *p, int master) {
  fcntl(master, F_SETFL, O_NONBLOCK);
  p->fd[1] = master;
  p->fd[0] = fcntl(master, F_DUPFD_CLOEXEC, 0);
  p->slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
}

/* Takes a message of the child: 2 if more will come, 1 if only a failure may, 0 if it has executed its program, -1 with the failure. All
 * but a failure must come from the child itself: others may have taken the connection from who shares a pid namespace with them. */
static int hear(int sync, int64_t limit, int more, struct proc *p, struct failure *f) {
  union {
    char space[CMSG_SPACE(sizeof(struct ucred)) + CMSG_SPACE(sizeof(int))];
    struct cmsghdr align;
  } control = {0};
  struct message message;
  struct ucred from = {0};
  struct iovec iov = {&message, sizeof message};
  struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.space, .msg_controllen = sizeof control.space};
  struct pollfd wait = {.fd = sync, .events = POLLIN};
  int64_t left = limit - now_ms();
  int ready = left > 0 ? poll(&wait, 1, (int)left) : 0, fd = -1;
  if (ready <= 0) return ready < 0 ? more : failed(f, ETIMEDOUT, "wait for", "start");
  ssize_t n = recvmsg(sync, &msg, MSG_CMSG_CLOEXEC);
  if (n == 0) return 0;
  for (struct cmsghdr *c = CMSG_FIRSTHDR(&msg); c; c = CMSG_NXTHDR(&msg, c))
    if (c->cmsg_type == SCM_CREDENTIALS) memcpy(&from, CMSG_DATA(c), sizeof from);
    else memcpy(&fd, CMSG_DATA(c), sizeof fd);
  if (n == sizeof message && message.what == SAYS_FAILED) {
    *f = message.failure;
    f->what[sizeof f->what - 1] = 0;
    return close_fd(&fd), -1;
  }
  if (n != sizeof message || more == 1 || from.pid != p->pid || (message.what != SAYS_READY && fd < 0))
    return close_fd(&fd), failed(f, EPROTO, "take what is said by", "child");
  if (message.what == SAYS_TERMINAL) take_terminal(p, fd);
  if (message.what == SAYS_PROCESS || message.what == SAYS_LAST) { /* takes the place of the child that made it */
    close_fd(&p->pidfd);
    p->pidfd = fd;
    p->pid = message.pid;
  }
  if (message.what != SAYS_TERMINAL && send(sync, "G", 1, MSG_NOSIGNAL) != 1) return failed(f, errno, "answer", "child");
  return message.what == SAYS_LAST ? 1 : 2;
}

void release(struct proc *p) {
  for (int i = 0; i < 3; i++) close_fd(&p->fd[i]);
  close_fd(&p->slave);
  close_fd(&p->pidfd);
  p->pid = 0;
  p->ended = true;
}

/* Makes the child of a plan; p gets the shim's ends of its streams. */
int launch(const struct plan *plan, uint64_t clone_flags, uint32_t flags, struct child *child, struct proc *p, struct failure *f) {
  int sync[2], more = 2, *io = child->io;
  int64_t limit = now_ms() + START_LIMIT_MS;
  *p = (struct proc)NO_PROC;
  memset(child->io, -1, sizeof child->io);
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sync) < 0) return failed(f, errno, "socketpair", "");
  setsockopt(sync[0], SOL_SOCKET, SO_PASSCRED, &(int){1}, sizeof(int));
  child->sync = sync[1];
  for (int ends[2], i = flags & TASK_STDIN ? 0 : 1; i < 3 && !(flags & TASK_TTY) && more > 0; i++) {
    if (pipe2(ends, O_CLOEXEC) < 0) more = failed(f, errno, "pipe", "");
    else p->fd[i] = ends[i == 0], io[i] = ends[i != 0];
  }
  if (more > 0 && (p->pid = clone_child(clone_flags, &p->pidfd)) < 0) more = failed(f, errno, "clone3 into the cgroup of", task.id);
  if (more > 0 && p->pid == 0) {
    close(sync[0]);
    child_main(plan, child);
  }
  close_fd(&sync[1]);
  for (int i = 0; i < 3; i++) {
    close_fd(&io[i]);
    if (p->fd[i] >= 0) fcntl(p->fd[i], F_SETFL, O_NONBLOCK);
  }
  /* The kernel may wait for a grace period here, while the child is busy with its mounts; it may not fork before its sync. */
  if (more > 0 && !(flags & NOT_IN_GROUPS) && place(p->pid, f) < 0) more = -1;
  while (more > 0) more = hear(sync[0], limit, more, p, f);
  close_fd(&sync[0]);
  p->ended = more < 0;
  if (more == 0) return 0;
  struct pollfd end = {.fd = p->pidfd, .events = POLLIN}; /* one that is traced may not be reaped then */
  if (p->pid > 0 && kill(p->pid, SIGKILL) == 0 && poll(&end, 1, STALL_LIMIT_MS) >= 0) waitpid(p->pid, NULL, WNOHANG);
  release(p);
  return -1;
}
