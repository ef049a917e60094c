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

struct said {
  struct cmsghdr head;
  int terminal;
};

/* A message of one byte, which has a terminal's master, or asks for the same from the shim when that is ready. */
int say(int sync, int terminal) {
  struct said said = {{.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof terminal)}, terminal};
  struct iovec iov = {"R", 1};
  struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = &said, .msg_controllen = terminal < 0 ? 0 : sizeof said};
  return sendmsg(sync, &msg, MSG_NOSIGNAL) < 0 ? -1 : 0;
}

static void take_terminal(struct proc *p, int master) {
  fcntl(master, F_SETFL, O_NONBLOCK);
  p->fd[1] = master;
  p->fd[0] = fcntl(master, F_DUPFD_CLOEXEC, 0);
  p->slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
}

int wait_for(int fd, int64_t ms) {
  struct pollfd wait = {.fd = fd, .events = POLLIN};
  return poll(&wait, 1, ms > 0 ? (int)ms : 0);
}

/* One that is traced may not be reaped then. */
static void end_child(const struct proc *p) {
  if (p->pid <= 0 || kill(p->pid, SIGKILL) < 0) return;
  wait_for(p->pidfd, STALL_LIMIT_MS);
  waitpid(p->pid, NULL, WNOHANG);
}

/* What takes the place of the child that made it; it is a child of this process, so its number is nobody else's. */
static int take_next(const struct child *child, struct proc *p, struct failure *f) {
  close_fd(&p->pidfd);
  p->pid = *child->next;
  *child->next = 0;
  p->pidfd = p->pid > 0 ? (int)syscall(SYS_pidfd_open, p->pid, 0) : (errno = EPROTO, -1);
  return p->pidfd < 0 ? failed(f, errno, "follow", "child") : 1;
}

/* Takes a message of the child: 1 if more may come, 0 at the end, -1 with the failure. */
static int hear(int sync, int64_t limit, const struct child *child, struct proc *p, struct failure *f) {
  struct said said;
  struct iovec iov = {&(char){0}, 1};
  struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = &said, .msg_controllen = sizeof said};
  int ready = wait_for(sync, limit - now_ms());
  if (ready <= 0) return ready < 0 ? 1 : failed(f, ETIMEDOUT, "wait for", "start");
  ssize_t n = recvmsg(sync, &msg, MSG_CMSG_CLOEXEC);
  if (n == 0) return 0;
  if (n < 0 || msg.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) return failed(f, EPROTO, "take what is said by", "child");
  if (msg.msg_controllen > 0) return take_terminal(p, said.terminal), 1;
  if (*child->next > 0 && take_next(child, p, f) < 0) return -1;
  return send(sync, "G", 1, MSG_NOSIGNAL) == 1 ? 1 : failed(f, errno, "answer", "child");
}

/* How it went on when it said no more: 0 once it has executed its program, or -1 with the failure. Others may have the pipe of one that
 * goes on among them, and have emptied it again; their words count for nothing. */
static int hear_end(int fails, int64_t limit, struct failure *f) {
  if (wait_for(fails, limit - now_ms()) <= 0) return failed(f, ETIMEDOUT, "wait for", "start");
  ssize_t n = read(fails, f, sizeof *f);
  f->what[0] = 0;
  return n == 0 ? 0 : n == sizeof *f ? -1 : failed(f, EPROTO, "take what is said by", "child");
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
  int sync[2] = {-1, -1}, fails[2] = {-1, -1}, result = 1, *io = child->io;
  int64_t limit = now_ms() + START_LIMIT_MS;
  *p = (struct proc)NO_PROC;
  memset(child->io, -1, sizeof child->io);
  child->next = mmap(NULL, sizeof *child->next, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  if (child->next == MAP_FAILED) return failed(f, errno, "map a number of", "child");
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sync) < 0 || pipe2(fails, O_CLOEXEC) < 0)
    result = failed(f, errno, "make what is needed for", "child");
  child->sync = sync[1];
  child->fails = fails[1];
  for (int ends[2], i = flags & TASK_STDIN ? 0 : 1; i < 3 && !(flags & TASK_TTY) && result > 0; i++) {
    if (pipe2(ends, O_CLOEXEC) < 0) result = failed(f, errno, "pipe", "");
    else p->fd[i] = ends[i == 0], io[i] = ends[i != 0];
  }
  if (result > 0 && (p->pid = clone_child(clone_flags, &p->pidfd)) < 0) result = failed(f, errno, "clone3 into the cgroup of", task.id);
  if (result > 0 && p->pid == 0) {
    close(sync[0]);
    close(fails[0]);
    /* Whoever sees its number can read its words, which tell where the engine lives; they lie before the environment. */
    if (*environ) memset(program_invocation_name, 0, (size_t)(*environ - program_invocation_name));
    child_main(plan, child);
  }
  close_fd(&sync[1]);
  close_fd(&fails[1]);
  fcntl(fails[0], F_SETFL, O_NONBLOCK);
  for (int i = 0; i < 3; i++) {
    close_fd(&io[i]);
    if (p->fd[i] >= 0) fcntl(p->fd[i], F_SETFL, O_NONBLOCK);
  }
  /* The kernel may wait for a grace period here, while the child is busy with its mounts; it may not fork before its sync. */
  if (result > 0 && !(flags & NOT_IN_GROUPS) && place(p->pid, f) < 0) result = -1;
  while (result > 0) result = hear(sync[0], limit, child, p, f);
  if (result == 0) result = hear_end(fails[0], limit, f);
  if (result < 0 || *child->next > 0) end_child(p); /* its work is done, or undone; from here on nobody writes that number */
  if (*child->next > 0 && (take_next(child, p, f) < 0 || result < 0)) end_child(p), result = -1;
  close_fd(&sync[0]);
  close_fd(&fails[0]);
  munmap(child->next, sizeof *child->next);
  p->ended = result < 0;
  if (result < 0) release(p);
  return result;
}
