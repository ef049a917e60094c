/* What clients send to a shim's control socket, through its real loop: a script of connections, bytes, output, input that is read or
 * not, and ends of processes. Processes are made up: nothing is started, signalled or written. An exec's shim is a fork in name only:
 * the script goes on in it, or in the one that it came from. Links with fuzz_main.c or libFuzzer. */
#include "../task.c"

#include <stdlib.h>

#define CLIENTS_MAX 6

static int clients[CLIENTS_MAX], ends[3]; /* the other ends of sockets and of streams */
static pid_t dead, forked = 2000;
static uint32_t orphans; /* that have ended */
static enum { STARTS, STAYS, FAILS } outcome; /* of an exec; the script goes on in its shim, or in the one that stays */

pid_t __wrap_waitpid(pid_t pid, int *status, int options);
int __wrap_kill(pid_t pid, int sig);
int __wrap_setns(int fd, int type);
pid_t __wrap_fork(void);
pid_t __wrap_getppid(void);

pid_t __wrap_waitpid(pid_t pid, int *status, int options) {
  (void)pid, (void)options;
  pid_t gone = dead;
  *status = 7 << 8;
  dead = 0;
  return gone == 0 && orphans > 0 ? (orphans--, 1) : gone;
}
int __wrap_kill(pid_t pid, int sig) {
  if (pid <= 0) abort(); /* would be sent to a group */
  return sig * 0;
}
int __wrap_setns(int fd, int type) { return fd + type == 0 ? -1 : 0; }
pid_t __wrap_fork(void) { return outcome == STAYS ? ++forked : 0; }
pid_t __wrap_getppid(void) { return getpid(); }
int prepare(struct failure *f) { return f ? 0 : -1; }
void remove_cgroups(void) {}
void kill_all(pid_t session) {
  if (session < 0 || (task.is_exec && session == 0)) abort(); /* 0 would be all of the task */
}
void record_exit(void) {}
void oci_delete(void) {}
int oci_take(struct failure *f) { return f ? 0 : -1; }

/* The rest of a frame that is waited for comes from here, or not at all. */
static bool (*feed)(void);
ssize_t __real_recv(int fd, void *to, size_t len, int flags);
ssize_t __wrap_recv(int fd, void *to, size_t len, int flags);
ssize_t __wrap_recv(int fd, void *to, size_t len, int flags) {
  if (!(flags & MSG_WAITALL)) return __real_recv(fd, to, len, flags);
  size_t got = 0;
  while (got < len) {
    ssize_t n = __real_recv(fd, (uint8_t *)to + got, len - got, MSG_DONTWAIT);
    if (n > 0) got += (size_t)n;
    else if (n == 0 || feed == NULL || !feed()) break;
  }
  return (ssize_t)got;
}

/* In the place of launch.c: a process whose streams the script holds. Its plan is read as the child reads it. */
static long reads(const struct plan *plan, const struct op *op, const long *args) {
  (void)plan, (void)op, (void)args;
  return 0;
}
int launch(const struct plan *plan, uint64_t clone_flags, uint32_t flags, struct child *child, struct proc *p, struct failure *f) {
  int pair[2];
  *p = (struct proc)NO_PROC;
  if (child == NULL) abort();
  if (carry_out(plan, reads, f) < 0) return -1;
  if (outcome == FAILS) return failed(f, ENOENT, "path", "missing");
  p->pid = 1000 + (pid_t)clone_flags;
  for (int i = flags & TASK_STDIN ? 0 : 1; i < 3; i++) {
    if (pipe2(pair, O_NONBLOCK | O_CLOEXEC) < 0) abort();
    p->fd[i] = pair[i == 0];
    close_fd(&ends[i]);
    ends[i] = pair[i != 0];
  }
  p->ended = false;
  return 0;
}
void release(struct proc *p) {
  for (int i = 0; i < 3; i++) close_fd(&p->fd[i]);
  p->pid = 0;
  p->ended = true;
}

/* A narrow one takes some 4 KiB at a time: the shim keeps the rest. */
static void connect_client(int i, bool narrow) {
  int pair[2], bytes = 1;
  if (task.is_exec || task.conns[CONNS - 1].role != FREE) return; /* it listens to nobody, or not now */
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) < 0) abort();
  if (narrow) setsockopt(pair[1], SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
  close_fd(&clients[i]);
  clients[i] = pair[0];
  conn_add(pair[1]);
}

static void listen_to(int fd) {
  static uint8_t heard[CHUNK];
  while (fd >= 0 && read(fd, heard, sizeof heard) > 0) continue;
}

static void open_task(void) {
  struct child child = {0};
  struct plan none = {0};
  struct failure f;
  memset(clients, -1, sizeof clients);
  memset(ends, -1, sizeof ends);
  task = (struct task){.listener = -1, .container = -1, .logging = true, .tells_rotations = true};
  outcome = STARTS;
  log_open("/nonexistent/log", 100000, 3, 7, "");
  if (launch(&none, 0, TASK_STDIN, &child, &task.proc, &f) < 0) abort();
  dead = 0;
}

static void close_task(void) {
  for (struct conn *c = task.conns; c < task.conns + CONNS; c++) conn_close(c);
  release(&task.proc);
  for (int i = 0; i < CLIENTS_MAX; i++) close_fd(&clients[i]);
  for (int i = 0; i < 3; i++) close_fd(&ends[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static uint8_t output[CHUNK];
  memset(output, 'x', sizeof output);
  for (size_t i = 50; i < sizeof output; i += 100) output[i] = '\n';
  signal(SIGPIPE, SIG_IGN);
  open_task();
  for (const uint8_t *at = data, *end = data + size; end - at >= 3;) {
    uint8_t what = at[0], who = at[1], len = at[2];
    int client = who % CLIENTS_MAX, stream = 1 + len % 2;
    at += 3;
    switch (what % 9) {
      case 0: connect_client(client, len > 0); break;
      case 1:
      case 2: /* bytes, as they stand in the script or many times over */
        if (len > end - at) len = (uint8_t)(end - at);
        for (int i = what % 9 == 2 ? 64 : 1; i > 0 && clients[client] >= 0; i--)
          len = (uint8_t)(write(clients[client], at, len) < 0 ? len : len);
        at += len;
        break;
      case 3: listen_to(clients[client]); break;
      case 4: close_fd(&clients[client]); break;
      case 5:
        if (ends[stream] >= 0 && write(ends[stream], output, (size_t)len * 256) < 0) break;
        break;
      case 6: listen_to(ends[0]); break;
      case 7: dead = task.is_exec ? task.proc.pid : forked; break;
      default: outcome = len % 3;
    }
    serve(0);
  }
  close_task();
  return 0;
}
