/* jcompose-shim launcher SOCKET: forks a shim for each connection, until its standard input ends. It runs from a sealed copy of
 * itself, so that no container can write to the program it came from (CVE-2019-5736). */
#include "shim.h"

#include <err.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
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

static int listen_at(const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (strlen(path) >= sizeof address.sun_path) errx(1, "%s is too long for a socket", path);
  strcpy(address.sun_path, path);
  unlink(path);
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(fd, 512) < 0) err(1, "listen at %s", path);
  return fd;
}

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

int main(int argc, char **argv, char **envp) {
  if (argc > 2 && strcmp(argv[0], INIT_NAME) == 0) init_main();
  if (argc == 2 && strcmp(argv[1], "version") == 0) return printf("jcompose-shim protocol %d\n", PROTOCOL_VERSION) < 0;
  if (argc != 3 || strcmp(argv[1], "launcher") != 0) errx(2, "usage: jcompose-shim launcher SOCKET | version");
  if (run_sealed(argv, envp) < 0) err(1, "sealed copy");
  command_words = argv[0];
  command_size = (size_t)(argv[argc - 1] + strlen(argv[argc - 1]) - argv[0]);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  for (const int *sig = (const int[]){SIGCHLD, SIGPIPE, SIGINT, SIGHUP, 0}; *sig; sig++) signal(*sig, SIG_IGN);
  setsid();
  prctl(PR_SET_NAME, "jcompose-shim"); /* run from a memfd, it would bear that file's name in ps */
  umask(077);
  if (chdir("/") < 0) return 1;
  struct pollfd wait[2] = {{.fd = listen_at(argv[2]), .events = POLLIN}, {.fd = 0, .events = POLLIN}};
  if (write(1, "ready\n", 6) != 6) return 1;
  for (;;) {
    if (poll(wait, 2, -1) < 0) continue;
    if (wait[1].revents) return 0; /* the engine has gone */
    int conn = accept4(wait[0].fd, NULL, NULL, SOCK_CLOEXEC);
    if (conn < 0) poll(NULL, 0, 50); /* no descriptors or memory: no event tells when there are some again */
    else if (fork() == 0) become_shim(conn);
    else close(conn);
  }
}
