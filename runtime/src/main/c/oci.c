/* A container that another OCI runtime makes. The runtime creates it outside of the shim's mounts and groups and ends; what it leaves
 * behind, stopped before its program, is the shim's child (it is the subreaper), and from then on a process as any other. */
#include "shim.h"

#define COMMAND_LIMIT_MS 30000

static const char *pid_file;
static struct plan start, delete;

int oci_open(const struct plan *plan, const long *args) {
  pid_file = (const char *)args[0];
  task.flags |= NOT_IN_GROUPS;
  return plan_within(&start, plan, args[1]) && plan_within(&delete, plan, args[2]) ? 0 : (errno = EPROTO, -1);
}

/* Waits for a command of the runtime; a failure is told in its own last words. */
static int finish(struct proc *p, struct failure *f) {
  static char words[4096];
  bool in_time = wait_for(p->pidfd, COMMAND_LIMIT_MS) > 0;
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

static int run(const struct plan *command, struct failure *f) {
  struct proc p;
  struct child child = {.pidfd = -1};
  int result = launch(command, CLONE_NEWNS, NOT_IN_GROUPS, &child, &p, f);
  f->code = OP_RUNTIME; /* not one of the container's own plan */
  if (result < 0) return -1;
  result = finish(&p, f);
  release(&p);
  return result;
}

/* Removes what the runtime keeps of the container, and what is left of it. */
void oci_delete(void) {
  struct failure ignored;
  if (pid_file == NULL) return;
  run(&delete, &ignored);
  unlink(pid_file);
}

/* The task is the runtime's create: waits for it, and makes what it created the task instead, in its groups and started. */
int oci_take(struct failure *f) {
  struct proc *p = &task.proc;
  if (pid_file == NULL) return 0;
  int result = finish(p, f);
  if (result == 0) {
    FILE *file = fopen(pid_file, "re");
    if (file == NULL || fscanf(file, "%d", &p->pid) != 1 || (p->pidfd = (int)syscall(SYS_pidfd_open, p->pid, 0)) < 0)
      result = failed(f, errno, "take over the process of", pid_file);
    if (file) fclose(file);
  }
  if (result == 0 && place(p->pid, f) == 0 && run(&start, f) == 0) return 0;
  if (p->pidfd >= 0) syscall(SYS_pidfd_send_signal, p->pidfd, SIGKILL, NULL, 0);
  oci_delete();
  return -1;
}
