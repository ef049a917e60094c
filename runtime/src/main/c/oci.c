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
static struct command {
  const uint8_t *plan;
  uint32_t len;
} start, delete;

int op_runtime(struct op_view *op) {
  pid_file = get_str(&op->arg);
  start.plan = get_bytes(&op->arg, &start.len);
  delete.plan = get_bytes(&op->arg, &delete.len);
  task.flags |= NOT_IN_GROUPS;
  return 0;
}

/* Waits for a command of the runtime; a failure is told in its own last words. */
static int finish(struct proc *p, struct failure *f) {
  static char words[4096];
  struct pollfd wait = {.fd = p->pidfd, .events = POLLIN};
  bool in_time = poll(&wait, 1, COMMAND_LIMIT_MS) > 0;
  int status = 0;
  if (!in_time) kill(p->pid, SIGKILL);
  waitpid(p->pid, &status, 0);
  close_fd(&p->pidfd);
  if (in_time && WIFEXITED(status) && WEXITSTATUS(status) == 0) return 0;
  ssize_t n = read(p->fd[2], words, sizeof words - 1), most = sizeof f->what - 1;
  words[n > 0 ? n : 0] = 0;
  *f = (struct failure){.code = OP_RUNTIME, .err = in_time ? ECHILD : ETIMEDOUT};
  snprintf(f->what, sizeof f->what, "%.*s", (int)most, n > most ? words + n - most : words);
  return -1;
}

static int run(const struct command *command, struct failure *f) {
  struct proc p;
  struct child_context ctx = {.pidfd = -1};
  if (launch(command->plan, command->len, CLONE_NEWNS, NOT_IN_GROUPS, &ctx, &p, f) < 0) {
    f->code = OP_RUNTIME; /* not one of the container's own plan */
    return -1;
  }
  int result = finish(&p, f);
  release(&p);
  return result;
}

/* Removes what the runtime keeps of the container, and what is left of it. */
void oci_delete(void) {
  char state[PATH_MAX];
  struct failure ignored;
  if (pid_file == NULL) return;
  run(&delete, &ignored);
  unlink(pid_file);
  snprintf(state, sizeof state, "%s/oci", task.run_dir);
  rmdir(state);
}

static int take(struct proc *p, struct failure *f) {
  char text[24] = "";
  if (finish(p, f) < 0) return -1;
  int fd = open(pid_file, O_RDONLY | O_CLOEXEC);
  if (fd >= 0 && read(fd, text, sizeof text - 1) < 0) text[0] = 0;
  close_fd(&fd);
  p->pid = atoi(text);
  p->pidfd = p->pid > 0 ? (int)syscall(SYS_pidfd_open, p->pid, 0) : -1;
  if (p->pidfd < 0) return failed(f, NULL, p->pid > 0 ? errno : EPROTO, "take over the process of", pid_file);
  return place(p->pid, f) < 0 ? -1 : run(&start, f);
}

/* p is the runtime's create: waits for it, and makes what it created p instead, in its groups and started. */
int oci_take(struct proc *p, struct failure *f) {
  if (pid_file == NULL || take(p, f) == 0) return 0;
  if (p->pidfd >= 0) syscall(SYS_pidfd_send_signal, p->pidfd, SIGKILL, NULL, 0);
  oci_delete();
  return -1;
}
