/* The child between clone and execve: single-threaded, straight through its plan. */
#include "shim.h"

#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>

static struct child *self;

static int wait_for_shim(void) {
  char answer;
  if (say(self->sync, -1) < 0) return -1;
  return recv(self->sync, &answer, 1, 0) == 1 ? 0 : (errno = EPIPE, -1);
}

/* Goes on in another process, a child of the shim: the first of a new pid namespace, or one more of a namespace that was entered, whose
 * processes may trace it. By then it has no more rights than they, and of the shim nothing but a pipe: a socket would tell who made it
 * (SO_PEERPIDFD), and from there on they would have all that is open there. Filters let clone through where they refuse clone3. */
static int go_on(unsigned long flags) {
  bool first = flags & CLONE_NEWPID;
  if (!first) close_fd(&self->sync);
  *self->next = 0; /* so that it is there when the kernel writes to it, which tells nobody that it could not */
  if (madvise(self->next, sizeof *self->next, MADV_DONTFORK) < 0) return -1;
  pid_t pid = (pid_t)syscall(SYS_clone, flags | CLONE_PARENT | CLONE_PARENT_SETTID, NULL, self->next, NULL, NULL);
  if (pid > 0) _exit(0);
  if (pid < 0) return -1;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  setsid();
  if (first) return wait_for_shim();
  return wait_for(self->fails, 0) > 0 ? (errno = EPIPE, -1) : 0; /* the shim ended before that signal was asked for */
}

/* Before a path of the image's is used, which may lead to what is open here (/proc/self/fd/7: CVE-2024-21626), all is closed but what
 * is needed still. */
static int close_rest(void) {
  const int kept[] = {self->sync, self->program, self->fails};
  forget_registers();
  for (unsigned from = 3, to = 0; to != ~0u; from = to + 2) {
    to = ~0u;
    for (int i = 0; i < 3; i++)
      if (kept[i] >= (int)from && (unsigned)kept[i] - 1 < to) to = (unsigned)kept[i] - 1;
    if (to >= from && close_range(from, to, 0) < 0) return -1;
  }
  return 0;
}

/* A program by its path or by those that PATH makes of its name: what is there and may not be executed is told before what is not. */
static int execute(char **paths, char **argv, char **envp) {
  bool searched = strchr(argv[0], '/') == NULL;
  struct stat st;
  int err = ENOENT;
  for (char **path = paths; *path && (err == ENOENT || err == EACCES); path++) {
    if (searched && (stat(*path, &st) < 0 || S_ISDIR(st.st_mode))) continue;
    execve(*path, argv, envp);
    if (errno != ENOENT) err = errno;
  }
  bool directory = err == EACCES && !searched && stat(argv[0], &st) == 0 && S_ISDIR(st.st_mode);
  return errno = directory ? EISDIR : err, -1;
}

/* Where there are words of an init, that becomes the program's parent. */
static int op_exec(char **init, char **paths, char **argv, char **envp) {
  if (*argv == NULL) return errno = EPROTO, -1;
  if (*init && init_fork(self->program, init, envp) < 0) return -1;
  if (*init && isatty(0) && setpgid(0, 0) == 0) {
    signal(SIGTTOU, SIG_IGN);
    tcsetpgrp(0, getpid());
    signal(SIGTTOU, SIG_DFL);
  }
  prctl(PR_SET_PDEATHSIG, self->pidfd < 0 ? 0 : SIGKILL); /* a task outlives its shim, an exec does not */
  return execute(paths, argv, envp);
}

static long own(const struct plan *plan, const struct op *op, const long *args) {
  (void)plan;
  struct sock_fprog filter = {.len = (unsigned short)args[1], .filter = (void *)args[0]};
  switch (op->code) {
    case OP_SYNC: return wait_for_shim();
    case OP_TERMINAL: return say(self->sync, (int)args[0]);
    case OP_GO_ON: return go_on((unsigned long)args[0]);
    case OP_SECCOMP: return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW, &filter);
    case OP_CLOSE: return close_rest();
    case OP_EXEC: return op_exec((char **)args[0], (char **)args[1], (char **)args[2], (char **)args[3]);
    default: return errno = ENOSYS, -1;
  }
}

/* Past libc, which keeps two of them to itself; a launcher may have been started with those ignored. */
static void reset_signals(void) {
  struct {
    void *handler;
    unsigned long flags;
    void *restorer;
    uint64_t mask;
  } action = {0};
  for (int sig = 1; sig <= 64; sig++) syscall(SYS_rt_sigaction, sig, &action, NULL, 8);
}

void child_main(const struct plan *plan, struct child *child) {
  struct failure f;
  self = child;
  prctl(PR_SET_DUMPABLE, 0); /* CVE-2016-9962 */
  self->program = open("/proc/self/exe", O_PATH | O_CLOEXEC);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  reset_signals();
  umask(0); /* modes of the plan are exact */
  sigprocmask(SIG_SETMASK, NO_SIGNALS, NULL);
  setsid();
  for (uint32_t i = OWN_IN; i <= OWN_ERR; i++) set_register(i, self->io[i]);
  set_register(OWN_TASK, self->pidfd);
  if (carry_out(plan, own, &f) == 0) f = (struct failure){plan->first + plan->count, OP_EXEC, EPROTO, ""};
  _exit(write(self->fails, &f, sizeof f) > 0 ? 126 : 127);
}
