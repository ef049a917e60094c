/* A container that another OCI runtime makes. The runtime creates it outside of the shim's mounts and groups and ends; what it leaves
 * behind, stopped before its program, is the shim's child (it is the subreaper), and from then on a process as any other. */
#include "task.h"

#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define COMMAND_LIMIT_MS 30000

static const char *pid_file;
static const uint8_t *start_plan, *delete_plan;
static uint32_t start_len, delete_len;
static int own_pids = -1;

int op_runtime(struct op_view *op, struct failure *f) {
  pid_file = get_str(&op->arg);
  start_plan = get_bytes(&op->arg, &start_len);
  delete_plan = get_bytes(&op->arg, &delete_len);
  task.flags |= NOT_IN_GROUPS;
  own_pids = open("/proc/self/ns/pid", O_RDONLY | O_CLOEXEC);
  return own_pids < 0 ? failed(f, op, errno, "open", "/proc/self/ns/pid") : 0;
}

/* Waits for a command of the runtime; a failure is told in its own last words. */
static int finish_command(struct proc *p, struct failure *f) {
  struct pollfd wait = {.fd = p->pidfd, .events = POLLIN};
  int ready, status = 0;
  while ((ready = poll(&wait, 1, COMMAND_LIMIT_MS)) < 0 && errno == EINTR) {
  }
  if (ready <= 0) kill(p->pid, SIGKILL);
  while (waitpid(p->pid, &status, 0) < 0 && errno == EINTR) {
  }
  close_fd(&p->pidfd);
  if (ready > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0) return 0;
  static char words[4096];
  ssize_t n = read(p->fd[2], words, sizeof words - 1);
  words[n > 0 ? n : 0] = 0;
  size_t len = strlen(words), keep = sizeof f->what - 1;
  failed(f, NULL, ready > 0 ? ECHILD : ETIMEDOUT, "", "");
  f->code = OP_RUNTIME;
  snprintf(f->what, sizeof f->what, "%.*s", (int)keep, len > keep ? words + len - keep : words);
  return -1;
}

static int command(const uint8_t *plan, uint32_t len, struct failure *f) {
  struct proc p;
  struct child_context ctx = {.pidfd = -1};
  if (task.shares_pids && setns(own_pids, CLONE_NEWPID) < 0) return failed(f, NULL, errno, "setns", "own pid namespace");
  task.shares_pids = false;
  if (launch(plan, len, CLONE_NEWNS, NOT_IN_GROUPS, &ctx, &p, f) < 0) return -1;
  int result = finish_command(&p, f);
  release(&p);
  return result;
}

/* Removes what the runtime keeps of the container, and what is left of it. */
void oci_delete(void) {
  char state[PATH_MAX];
  struct failure ignored = {0};
  if (pid_file == NULL) return;
  command(delete_plan, delete_len, &ignored);
  unlink(pid_file);
  snprintf(state, sizeof state, "%s/oci", task.run_dir);
  rmdir(state);
}

static int take(struct proc *p, struct failure *f) {
  char text[24] = "";
  if (finish_command(p, f) < 0) return -1;
  int fd = open(pid_file, O_RDONLY | O_CLOEXEC);
  if (fd >= 0 && read(fd, text, sizeof text - 1) < 0) text[0] = 0;
  close_fd(&fd);
  p->pid = (pid_t)strtol(text, NULL, 10);
  p->pidfd = p->pid > 0 ? (int)syscall(SYS_pidfd_open, p->pid, 0) : -1;
  if (p->pidfd < 0) return failed(f, NULL, p->pid > 0 ? errno : EPROTO, "take over the process of", pid_file);
  return place(p->pid, f) < 0 ? -1 : command(start_plan, start_len, f);
}

/* p is the runtime's create: waits for it, and makes what it created p instead, in its groups and started. */
int oci_take(struct proc *p, struct failure *f) {
  if (pid_file == NULL) return 0;
  int result = take(p, f);
  if (result < 0 && p->pidfd >= 0) syscall(SYS_pidfd_send_signal, p->pidfd, SIGKILL, NULL, 0);
  if (result < 0) oci_delete();
  return result;
}
