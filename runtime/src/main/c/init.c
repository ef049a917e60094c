/* The small init of `init: true`, as tini: forwards signals, reaps orphans, ends as its child ends. */
#include "shim.h"

#include <signal.h>
#include <sys/wait.h>

/* A container shall not read where the engine lives: its process list shows Docker's words instead, as far as they fit. */
static void rename_process(char *const argv[]) {
  size_t fill = 0;
  memset(command_words, 0, command_size);
  for (int i = -2; i < 0 || argv[i]; i++) {
    const char *word = i == -2 ? "/sbin/docker-init" : i == -1 ? "--" : argv[i];
    size_t len = strlen(word) + 1;
    if (fill + len > command_size) break;
    memcpy(command_words + fill, word, len);
    fill += len;
  }
}

void init_main(pid_t child, char *const argv[]) {
  sigset_t all;
  rename_process(argv);
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, NULL);
  for (;;) {
    siginfo_t info;
    int sig = sigwaitinfo(&all, &info);
    if (sig < 0) continue;
    if (sig != SIGCHLD) {
      if (sig != SIGTTIN && sig != SIGTTOU) kill(child, sig);
      continue;
    }
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
      if (pid == child) _exit(WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
  }
}
