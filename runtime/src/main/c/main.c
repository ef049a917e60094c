/* jcompose-shim launcher SOCKET: forks a shim for each connection, until its standard input ends. It runs from a sealed copy of
 * itself, so that no container can write to the program it came from (CVE-2019-5736). */
#include "shim.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

char *command_words;
size_t command_size;

static int run_sealed(char **argv, char **envp) {
  int self = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
  struct stat st;
  if (self < 0 || fstat(self, &st) < 0) return -1;
  int seals = fcntl(self, F_GET_SEALS); /* any file of a tmpfs has some */
  if (seals >= 0 && (seals & SEALS) == SEALS) {
    close(self);
    return 0;
  }
  int copy = memfd_create("jcompose-shim", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (copy < 0) return -1;
  for (off_t left = st.st_size; left > 0;) {
    ssize_t n = sendfile(copy, self, NULL, (size_t)left);
    if (n <= 0) return -1;
    left -= n;
  }
  /* A container's init is this program too, as any user: by another mode nobody could look into that process. */
  if (fchmod(copy, 0555) < 0 || fcntl(copy, F_ADD_SEALS, SEALS) < 0) return -1;
  return fexecve(copy, argv, envp);
}

int main(int argc, char **argv, char **envp) {
  if (argc > 2 && strcmp(argv[0], INIT_NAME) == 0) init_main();
  if (argc == 2 && strcmp(argv[1], "version") == 0) {
    printf("jcompose-shim protocol %d\n", PROTOCOL_VERSION);
    return 0;
  }
  if (argc != 3 || strcmp(argv[1], "launcher") != 0) {
    fprintf(stderr, "usage: jcompose-shim launcher SOCKET | version\n");
    return 2;
  }
  if (run_sealed(argv, envp) < 0) {
    perror("jcompose-shim: sealed copy");
    return 1;
  }
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (snprintf(address.sun_path, sizeof address.sun_path, "%s", argv[2]) >= (int)sizeof address.sun_path) {
    fprintf(stderr, "jcompose-shim: %s is too long for a socket\n", argv[2]);
    return 1;
  }
  command_words = argv[0];
  command_size = (size_t)(argv[argc - 1] + strlen(argv[argc - 1]) - argv[0]);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  signal(SIGCHLD, SIG_IGN);
  signal(SIGPIPE, SIG_IGN);
  signal(SIGINT, SIG_IGN);
  signal(SIGHUP, SIG_IGN);
  setsid();
  prctl(PR_SET_NAME, "jcompose-shim"); /* run from a memfd, it would bear that file's name in ps */
  umask(077);
  if (chdir("/") < 0) return 1;
  unlink(address.sun_path);
  int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, 512) < 0) {
    perror("jcompose-shim: listen");
    return 1;
  }
  if (write(1, "ready\n", 6) != 6) return 1;
  for (;;) {
    struct pollfd wait[2] = {{.fd = listener, .events = POLLIN}, {.fd = 0, .events = POLLIN}};
    if (poll(wait, 2, -1) < 0) continue;
    if (wait[1].revents) return 0; /* the engine has gone */
    int conn = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    if (conn < 0) { /* no descriptors or memory: no event tells when there are some again */
      poll(NULL, 0, 50);
      continue;
    }
    if (fork() == 0) {
      signal(SIGCHLD, SIG_DFL);
      signal(SIGTERM, SIG_IGN);
      setsid();
      int keep = dup3(conn, 3, O_CLOEXEC) == 3 ? 3 : conn;
      int null = open("/dev/null", O_RDWR | O_CLOEXEC);
      for (int i = 0; i < 3; i++)
        if (dup2(null, i) < 0) _exit(1);
      close_range((unsigned)keep + 1, ~0u, 0);
      task_main(keep);
    }
    close(conn);
  }
}
