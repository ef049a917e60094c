/* jcompose-shim launcher SOCKET: forks a shim for each connection, until its standard input ends. */
#include "shim.h"

#include <err.h>
#include <linux/keyctl.h>

__attribute__((noreturn)) static void become_shim(int conn) {
  signal(SIGCHLD, SIG_DFL);
  signal(SIGTERM, SIG_IGN);
  setsid();
  int keep = dup3(conn, 3, O_CLOEXEC) == 3 ? 3 : conn, null = open("/dev/null", O_RDWR | O_CLOEXEC);
  for (int i = 0; i < 3; i++)
    if (dup2(null, i) < 0) _exit(1);
  close_range((unsigned)keep + 1, ~0u, 0);
  task_main(keep);
}

int main(int argc, char **argv) {
  if (argc > 2 && strcmp(argv[0], INIT_NAME) == 0) init_main();
  if (argc == 2 && strcmp(argv[1], "version") == 0) return printf("jcompose-shim protocol %d\n", PROTOCOL_VERSION) < 0;
  if (argc != 3 || strcmp(argv[1], "launcher") != 0) errx(2, "usage: jcompose-shim launcher SOCKET | version");
  sigprocmask(SIG_SETMASK, NO_SIGNALS, NULL);
  for (const int *sig = (const int[]){SIGCHLD, SIGPIPE, SIGINT, SIGHUP, 0}; *sig; sig++) signal(*sig, SIG_IGN);
  setsid();
  prctl(PR_SET_NAME, "jcompose-shim"); /* run from a memfd, it would bear that file's name in ps */
  umask(077);
  syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL); /* a process that gets none of its own keeps this one */
  struct pollfd wait[2] = {{.fd = listen_at(argv[2]), .events = POLLIN}, {.fd = 0, .events = POLLIN}};
  if (wait[0].fd < 0) err(1, "listen at %s", argv[2]);
  if (chdir("/") < 0 || write(1, "ready\n", 6) != 6) return 1;
  for (;;) {
    if (poll(wait, 2, -1) < 0) continue;
    if (wait[1].revents) return 0; /* the engine has gone */
    int conn = accept4(wait[0].fd, NULL, NULL, SOCK_CLOEXEC);
    if (conn < 0) poll(NULL, 0, 50); /* no descriptors or memory: no event tells when there are some again */
    else if (fork() == 0) become_shim(conn);
    else close(conn);
  }
}
