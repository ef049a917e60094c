/* The small init of `init: true`, as tini: forwards signals, reaps orphans, ends as its child ends. */
#include "shim.h"

#define CHILD_FD 3 /* where a new init reads which of its children it is for */

/* Forwards and reaps until the child ends. What was there before signals were blocked is found without one. */
__attribute__((noreturn)) static void serve(pid_t child) {
  sigset_t all;
  prctl(PR_SET_NAME, "docker-init");
  sigfillset(&all);
  for (;;) {
    siginfo_t info;
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
      if (pid == child) _exit(WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
    int sig = sigwaitinfo(&all, &info);
    if (sig > 0 && sig != SIGCHLD && sig != SIGTTIN && sig != SIGTTOU) kill(child, sig);
  }
}

void init_main(void) {
  pid_t child;
  if (read(CHILD_FD, &child, sizeof child) != sizeof child) _exit(126);
  close(CHILD_FD);
  serve(child);
}

/* Returns 0 in a child that goes on, and -1 without one. The parent becomes init: executed anew, so that the container's root may look
 * into it (/proc/1/fd, /proc/1/environ) and finds nothing there of the host's; as it is where that cannot be, and then closed to all. */
pid_t init_fork(int program, char **words, char **envp) {
  sigset_t all;
  int line[2], until[2]; /* the end of one: the parent has let go of all that it has of the host's */
  char none_comes;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, NULL); /* before the child may end */
  if (pipe2(until, O_CLOEXEC) < 0) return -1;
  pid_t child = fork();
  if (child <= 0) {
    close(until[1]);
    if (child == 0 && read(until[0], &none_comes, 1) != 0) _exit(126);
    close(until[0]);
    sigprocmask(SIG_SETMASK, NO_SIGNALS, NULL);
    return child;
  }
  prctl(PR_SET_PDEATHSIG, 0);
  if ((program = fcntl(program, F_DUPFD_CLOEXEC, CHILD_FD + 1)) >= 0 && pipe2(line, O_CLOEXEC) == 0 &&
      write(line[1], &child, sizeof child) == sizeof child &&
      (line[0] == CHILD_FD ? fcntl(CHILD_FD, F_SETFD, 0) : dup2(line[0], CHILD_FD)) >= 0)
    execveat(program, "", words, envp, AT_EMPTY_PATH);
  close_range(CHILD_FD, ~0u, 0);
  serve(child);
}
