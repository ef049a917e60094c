/* The child between clone and execve: single-threaded, straight through its part of the plan. */
#include "shim.h"

#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#define FILTER_MAX 4096 /* BPF_MAXINSNS */

__attribute__((noreturn)) static void give_up(int sync, struct failure *f) {
  say(sync, &(struct message){.what = SAYS_FAILED, .failure = *f}, -1);
  _exit(126);
}

static int wait_for_shim(int sync) {
  char answer;
  return recv(sync, &answer, 1, 0) == 1 ? 0 : (errno = EPIPE, -1);
}

/* Goes on as the first process of a new pid namespace, a child of the shim: the shim hears of it before it may do anything. */
static int become_first(struct child_context *ctx) {
  int pidfd = -1;
  struct clone_args args = {.flags = CLONE_NEWPID | CLONE_PARENT | CLONE_PIDFD, .pidfd = (uint64_t)(uintptr_t)&pidfd};
  pid_t pid = (pid_t)syscall(SYS_clone3, &args, sizeof args);
  if (pid > 0) _exit(say(ctx->sync, &(struct message){.what = SAYS_PROCESS, .pid = pid}, pidfd) < 0 ? 126 : 0);
  if (pid < 0) return -1;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  setsid();
  return wait_for_shim(ctx->sync);
}

static int op_seccomp(struct op_view *op) {
  uint32_t len;
  const uint8_t *bytes = get_bytes(&op->arg, &len);
  struct sock_fprog program = {.len = (unsigned short)(len / sizeof(struct sock_filter)), .filter = (void *)(uintptr_t)bytes};
  if (len % sizeof(struct sock_filter) != 0 || len / sizeof(struct sock_filter) > FILTER_MAX) return errno = EINVAL, -1;
  return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW, &program);
}

/* Before a path of the image's is used, which may lead to what is open here (/proc/self/fd/7: CVE-2024-21626), all is closed but what
 * is needed still. */
static int close_rest(const struct child_context *ctx) {
  unsigned one = (unsigned)ctx->sync, other = ctx->program < 0 ? one : (unsigned)ctx->program;
  unsigned low = one < other ? one : other, high = one < other ? other : one;
  close_range(3, low - 1, 0);
  close_range(low + 1, high - 1, 0);
  forget_registers();
  return close_range(high + 1, ~0u, 0);
}

/* Takes a list of texts, with a NULL behind; the caller has room for all that the plan can hold, for each takes five bytes at least. */
static char **take_texts(struct cursor *c, char **to) {
  for (uint32_t count = get_u32(c); count > 0 && !c->bad; count--) *to++ = (char *)(uintptr_t)get_str(c);
  return to + 1;
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

static int op_exec(struct child_context *ctx, struct op_view *op) {
  uint32_t init = get_u32(&op->arg);
  size_t most = (size_t)(op->arg.end - op->arg.at) / 5 + 8;
  char **paths = mmap(NULL, most * sizeof *paths, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (paths == MAP_FAILED) return -1;
  char **words = take_texts(&op->arg, paths), **argv = words + 2, **envp = take_texts(&op->arg, argv);
  take_texts(&op->arg, envp);
  if (op->arg.bad || *argv == NULL) return errno = EPROTO, -1;
  words[0] = INIT_NAME;
  words[1] = "--";
  if (init) {
    if (init_fork(ctx->program, words, envp) < 0) return -1;
    if (isatty(0) && setpgid(0, 0) == 0) {
      signal(SIGTTOU, SIG_IGN);
      tcsetpgrp(0, getpid());
      signal(SIGTTOU, SIG_DFL);
    }
  }
  prctl(PR_SET_PDEATHSIG, ctx->pidfd < 0 ? 0 : SIGKILL); /* a task outlives its shim, an exec does not */
  return execute(paths, argv, envp);
}

static int run(struct child_context *ctx, struct op_view *op, struct failure *f) {
  int result;
  switch (op->code) {
    case OP_SYNC: result = say(ctx->sync, &(struct message){.what = SAYS_READY}, -1) < 0 ? -1 : wait_for_shim(ctx->sync); break;
    case OP_TERMINAL: result = say(ctx->sync, &(struct message){.what = SAYS_TERMINAL}, take_register(&op->arg)); break;
    case OP_FIRST: result = become_first(ctx); break;
    case OP_SECCOMP: result = op_seccomp(op); break;
    case OP_CLOSE: result = close_rest(ctx); break;
    case OP_EXEC: result = op_exec(ctx, op); break;
    default: return carry_out(op, f);
  }
  return result < 0 ? failed(f, op, errno, "step", "") : 0;
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

void child_main(const uint8_t *plan, size_t len, struct child_context *ctx) {
  struct failure f = {0};
  struct cursor c;
  struct op_view op;
  uint32_t index = 0;
  sigset_t none;
  prctl(PR_SET_DUMPABLE, 0); /* CVE-2016-9962 */
  ctx->program = open("/proc/self/exe", O_PATH | O_CLOEXEC);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  reset_signals();
  umask(0); /* modes of the plan are exact */
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  setsid();
  int preset[] = {[OWN_IN] = ctx->io.in, [OWN_OUT] = ctx->io.out, [OWN_ERR] = ctx->io.err, [OWN_TASK] = ctx->pidfd};
  for (uint32_t i = 0; i < 4; i++) set_register(i, preset[i]);
  if (!plan_open(plan, len, &c)) _exit(126);
  while (plan_next(&c, &index, &op) && op.code != OP_CHILD) continue;
  for (int skip = 0; plan_next(&c, &index, &op);) {
    if (skip-- > 0) continue;
    if ((skip = run(ctx, &op, &f)) < 0) give_up(ctx->sync, &f);
    if (op.arg.bad && failed(&f, &op, EPROTO, "read", "plan") < 0) give_up(ctx->sync, &f);
  }
  failed(&f, NULL, EPROTO, "plan", "without exec");
  give_up(ctx->sync, &f);
}
