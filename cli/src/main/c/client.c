/* bin/jcompose: sends a command line to the resident engine, which carries it out, and relays bytes: a program that starts at once.
 * What the engine cannot do for its caller, and all where no engine answers, is done by the Java command line (lib/jcompose-java) in
 * this process's place. Formats: docs/developers/client-protocol.md. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define REQUEST_MAX (6 * 1024 * 1024) /* as the engine's */
#define FRAME_MAX (16 * 1024 * 1024)
#define CHUNK (64 * 1024)
#define HEAD 8
#define FAILED 125
#define NEXT_ENGINE_S 60
#define BUSY_ENGINE_S 5
#define PLACES 4096 /* containers whose logs one command follows */

/* To the engine, and from it: ClientFrames.java. */
enum { STDIN = 0, RESIZE = 4, SIGNAL = 5 };
enum { OUT = 1, ERR = 2, WANT_INPUT = 16, MODE = 17, TAKES_SIGNALS = 18, EXIT = 19, YOURSELF = 20, LINE = 21, NOTHING = 22 };
enum { TAKEN_OVER = 101, BUSY = 503 }; /* statuses of HTTP */

/* Options before the command whose value is the next word. */
static const char *const VALUED[] = {"-f",         "--file",     "-p",          "--project-name",
                                     "--profile",  "--env-file", "--workdir",   "--project-directory",
                                     "--progress", "--ansi",     "--parallel",  "--root",
                                     "-H",         "--host",     "--config",    "-c",
                                     "--context",  "-l",         "--log-level", NULL};

static char home[PATH_MAX]; /* the folder of the distribution */
static char **arguments, **environment;
static int engine = -1;
static struct termios before; /* of the terminal, while it is changed */
static volatile sig_atomic_t is_changed, hides_cursor;
static char mode; /* 'r' every key goes to the program, 's' what is typed is not shown */
static int signal_pipe[2] = {-1, -1};
static bool wants_input, has_shown, follows;
static struct timespec began;
static uint8_t pending[HEAD + CHUNK]; /* one frame for the engine that it has not taken yet */
static size_t pending_at, pending_len;
static struct buffer {
  uint8_t *bytes;
  size_t len, room;
} input; /* what the engine has sent and is not carried out yet */

/* Where a log has been read to, by container: what the next engine is told. */
static struct place { char *container, *at; } places[PLACES];
static int place_count;

__attribute__((noreturn)) static void end(const char *text, int code) {
  if (*text) fprintf(stderr, "%s\n", text);
  exit(code);
}

static void *grown(void *old, size_t size) {
  void *more = realloc(old, size);
  if (!more) end("jcompose: out of memory", FAILED);
  return more;
}

/* ---- The terminal ---- */

static void restore_terminal(void) {
  if (is_changed) tcsetattr(0, TCSANOW, &before);
  is_changed = 0;
}

static void change_terminal(char wanted) {
  restore_terminal();
  mode = wanted;
  if (wanted == 'n' || tcgetattr(0, &before) < 0) return;
  struct termios now = before;
  if (wanted == 'r') cfmakeraw(&now);
  else now.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
  is_changed = 1;
  tcsetattr(0, wanted == 'r' ? TCSANOW : TCSAFLUSH, &now);
}

/* ---- Signals ---- */

/* Gives the terminal back, and ends: by SIGINT and SIGTERM as Docker's with a code of its own, so that a script's shell goes on. */
static void end_by(int number) {
  restore_terminal();
  if (hides_cursor && write(2, "\033[?25h", 6) < 0) signal(number, SIG_DFL);
  if (number == SIGINT || number == SIGTERM) _exit(128 + number);
  if (number == SIGQUIT) setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
  signal(number, SIG_DFL);
  sigset_t just;
  sigemptyset(&just);
  sigaddset(&just, number);
  sigprocmask(SIG_UNBLOCK, &just, NULL);
  raise(number);
}

static void tell(int number) {
  int kept = errno;
  uint8_t byte = (uint8_t)number;
  if (write(signal_pipe[1], &byte, 1) < 0) errno = kept; /* full: as many are told already as count */
  errno = kept;
}

/* What is ignored from the start stays so (nohup, what a script runs in the background) but for what a command takes, and SIGQUIT and
 * SIGTERM: as Go's programs, and so Docker's, have it. */
static void handle(int number, void (*by)(int)) {
  struct sigaction now, action = {.sa_handler = by};
  bool stays = number == SIGTSTP || (by == end_by && (number == SIGINT || number == SIGHUP));
  if (stays && sigaction(number, NULL, &now) == 0 && now.sa_handler == SIG_IGN) return;
  sigaction(number, &action, NULL);
}

static void watch_signals(void) {
  if (pipe2(signal_pipe, O_CLOEXEC | O_NONBLOCK) < 0) end("jcompose: no pipe", FAILED);
  for (const int *number = (const int[]){SIGINT, SIGTERM, SIGHUP, SIGQUIT, 0}; *number; number++) handle(*number, end_by);
  handle(SIGWINCH, tell);
  handle(SIGTSTP, tell);
}

/* Stops as any program does on Ctrl-Z, and takes the terminal again when it goes on. */
static void stop(void) {
  char wanted = is_changed ? mode : 'n';
  restore_terminal();
  raise(SIGSTOP);
  if (wanted != 'n') change_terminal(wanted);
}

/* ---- Frames to the engine ---- */

static void put_head(uint8_t *at, uint8_t type, size_t len) {
  memset(at, 0, HEAD);
  at[0] = type;
  for (int i = 0; i < 4; i++) at[4 + i] = (uint8_t)(len >> (24 - 8 * i));
}

static size_t get_len(const uint8_t *head) { return (size_t)head[4] << 24 | (size_t)head[5] << 16 | (size_t)head[6] << 8 | head[7]; }

/* Sends what waits, as far as the engine takes it now. */
static void flush(void) {
  ssize_t n = pending_len > 0 ? send(engine, pending + pending_at, pending_len, MSG_DONTWAIT | MSG_NOSIGNAL) : 0;
  if (n > 0) {
    pending_at += (size_t)n;
    pending_len -= (size_t)n;
  } else if (n < 0 && errno != EAGAIN && errno != EINTR) {
    pending_len = 0; /* it has gone, or hears no more: what it still says is read */
    wants_input = false;
  }
}

static void send_frame(uint8_t type, const void *data, size_t len) {
  put_head(pending, type, len);
  if (data != pending + HEAD) memcpy(pending + HEAD, data, len);
  pending_at = 0;
  pending_len = HEAD + len;
  flush();
}

static void send_input(void) {
  ssize_t n = read(0, pending + HEAD, CHUNK);
  if (n < 0 && (errno == EINTR || errno == EAGAIN)) return;
  if (n <= 0) wants_input = false; /* an empty frame is its end */
  send_frame(STDIN, pending + HEAD, n > 0 ? (size_t)n : 0);
}

static void send_size(void) {
  char text[32];
  struct winsize size;
  for (int fd = 0; fd < 3; fd++)
    if (ioctl(fd, TIOCGWINSZ, &size) == 0) {
      send_frame(RESIZE, text, (size_t)snprintf(text, sizeof text, "%d %d", size.ws_row, size.ws_col));
      return;
    }
}

/* One signal a turn, when the frame before it has gone. */
static void take_signal(void) {
  uint8_t number;
  if (pending_len > 0 || read(signal_pipe[0], &number, 1) != 1) return;
  if (number == SIGTSTP) stop();
  if (number == SIGTSTP || number == SIGWINCH) send_size();
  else send_frame(SIGNAL, &number, 1);
}

/* ---- The request ---- */

static void add(struct buffer *b, const void *data, size_t len) {
  if (b->len + len > b->room) b->bytes = grown(b->bytes, b->room = 2 * (b->len + len));
  memcpy(b->bytes + b->len, data, len);
  b->len += len;
}

static void add_text(struct buffer *b, const char *text) { add(b, text, strlen(text) + 1); }

static void add_number(struct buffer *b, long number) {
  char text[24];
  snprintf(text, sizeof text, "%ld", number);
  add_text(b, text);
}

static void add_all(struct buffer *b, char **texts) {
  long count = 0;
  while (texts[count]) count++;
  add_number(b, count);
  for (char **text = texts; *text; text++) add_text(b, *text);
}

/* Adds the line that says of which programs this one is. */
static bool add_build(struct buffer *b) {
  char path[PATH_MAX + 16], build[80];
  snprintf(path, sizeof path, "%s/lib/build", home);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  ssize_t n = fd < 0 ? -1 : read(fd, build, sizeof build - 1);
  if (fd >= 0) close(fd);
  if (n <= 0) return false;
  build[n] = 0;
  build[strcspn(build, "\n")] = 0;
  add_text(b, build);
  return true;
}

/* Each field ends with a NUL: build, folder, terminals, rows, columns, when it began, arguments, variables, and what logs were read to. */
static bool add_request(struct buffer *b) {
  char folder[PATH_MAX], terminals[4] = "";
  struct winsize size = {0};
  if (!add_build(b) || !getcwd(folder, sizeof folder)) return false;
  for (int fd = 2; fd >= 0; fd--) {
    terminals[fd] = isatty(fd) ? '1' : '0';
    ioctl(fd, TIOCGWINSZ, &size);
  }
  add_text(b, folder);
  add_text(b, terminals);
  add_number(b, size.ws_row);
  add_number(b, size.ws_col);
  add_number(b, began.tv_sec * 1000 + began.tv_nsec / 1000000);
  add_all(b, arguments + 1);
  add_all(b, environment);
  add_number(b, place_count);
  for (struct place *p = places; p < places + place_count; p++) {
    add_text(b, p->container);
    add_text(b, p->at);
  }
  return b->len <= REQUEST_MAX;
}

/* As far as the engine takes it: one that refuses may close before it has read all, and its answer is there. */
static void send_all(const uint8_t *data, size_t len) {
  while (len > 0) {
    ssize_t n = send(engine, data, len, MSG_NOSIGNAL);
    if (n < 0 && errno != EINTR) return;
    if (n > 0) data += n, len -= (size_t)n;
  }
}

/* Takes in what the engine has sent: how much, 0 when it has gone, or -1. */
static ssize_t take_in(int flags) {
  if (input.room - input.len < CHUNK) input.bytes = grown(input.bytes, input.room = input.len + 2 * CHUNK);
  ssize_t n = recv(engine, input.bytes + input.len, input.room - input.len, flags);
  if (n > 0) input.len += (size_t)n;
  return n;
}

static void drop(size_t used) { memmove(input.bytes, input.bytes + used, input.len -= used); }

/* The status in the answer's head of a few lines; 0 when none comes. */
static int read_status(void) {
  static const char END[] = "\r\n\r\n", START[] = "HTTP/1.1 ";
  for (ssize_t n = 1; n != 0 && input.len < CHUNK;) {
    n = take_in(0);
    if (n < 0 && errno != EINTR) return 0;
    const uint8_t *end = input.len > 0 ? memmem(input.bytes, input.len, END, sizeof END - 1) : NULL;
    if (!end) continue;
    const char *number = (char *)input.bytes + sizeof START - 1;
    int status = input.len > sizeof START && !memcmp(input.bytes, START, sizeof START - 1) && *number > ' ' ? atoi(number) : 0;
    drop((size_t)(end - input.bytes) + sizeof END - 1);
    return status;
  }
  return 0;
}

static int ask(void) {
  struct buffer body = {0}, head = {0};
  char text[256];
  bool fits = add_request(&body);
  int n = snprintf(text, sizeof text,
                   "POST /jcompose/v1/cli HTTP/1.1\r\nHost: jcompose\r\nContent-Type: application/octet-stream\r\n"
                   "Content-Length: %zu\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n",
                   body.len);
  add(&head, text, (size_t)n);
  add(&head, body.bytes, body.len);
  if (fits) send_all(head.bytes, head.len);
  free(body.bytes);
  free(head.bytes);
  return fits ? read_status() : 0;
}

/* ---- The engine's frames ---- */

/* Where no engine can do it, Java does, in this process. */
__attribute__((noreturn)) static void do_it_yourself(void) {
  char path[PATH_MAX + 32];
  snprintf(path, sizeof path, "%s/lib/jcompose-java", home);
  for (int number = 1; number < 32; number++) {
    struct sigaction now;
    if (sigaction(number, NULL, &now) == 0 && now.sa_handler != SIG_IGN && number != SIGKILL && number != SIGSTOP) signal(number, SIG_DFL);
  }
  execve(path, arguments, environment);
  fprintf(stderr, "jcompose: cannot run %s: %s\n", path, strerror(errno));
  exit(127);
}

/* Output that nobody reads ends the command as SIGPIPE would, also where that is ignored. A signal that the command takes is told
 * while a full pipe or a stopped terminal holds it up. */
static void show(int fd, const uint8_t *data, size_t len) {
  has_shown = true;
  if (fd == 2 && len == 6 && memcmp(data, "\033[?25", 5) == 0) hides_cursor = data[5] == 'l'; /* progress, see TtyProgress */
  while (len > 0) {
    ssize_t n = write(fd, data, len);
    if (n >= 0) {
      data += n;
      len -= (size_t)n;
    } else if (errno == EINTR) take_signal();
    else if (errno == EAGAIN) poll(&(struct pollfd){.fd = fd, .events = POLLOUT}, 1, -1);
    else {
      restore_terminal();
      if (errno == EPIPE) exit(128 + SIGPIPE);
      fprintf(stderr, "cannot write to standard output: %s\n", strerror(errno));
      exit(1);
    }
  }
}

/* A line of a log with the place behind it: shown first, and then known. The payload: stream, container, NUL, place, NUL, line. */
static void show_line(uint8_t *data, size_t len) {
  char *container = (char *)data + 1, *at = len > 0 ? memchr(container, 0, len - 1) : NULL;
  char *line = at ? memchr(at + 1, 0, len - (size_t)(at + 1 - (char *)data)) : NULL;
  if (!line) end("jcompose: the engine sent a line without its place", FAILED);
  show(data[0] == ERR ? 2 : 1, (uint8_t *)line + 1, len - (size_t)(line + 1 - (char *)data));
  follows = true;
  struct place *p = places;
  while (p < places + place_count && strcmp(p->container, container) != 0) p++;
  if (p == places + PLACES) return; /* its lines may come twice */
  if (p == places + place_count) *p = (struct place){strdup(container), NULL}, place_count++;
  free(p->at);
  p->at = strdup(at + 1);
  if (!p->container || !p->at) end("jcompose: out of memory", FAILED);
}

static void take_signals(const uint8_t *numbers, size_t len) {
  for (size_t i = 0; i < len; i++)
    if (numbers[i] == SIGHUP || numbers[i] == SIGINT || numbers[i] == SIGUSR2 || numbers[i] == SIGTERM) handle(numbers[i], tell);
}

/* Carries a frame out. */
static void take(uint8_t type, uint8_t *data, size_t len) {
  switch (type) {
    case OUT:
    case ERR: show(type, data, len); break;
    case LINE: show_line(data, len); break;
    case WANT_INPUT: wants_input = len > 0 && data[0]; break;
    case MODE: change_terminal(len > 0 ? (char)data[0] : 'n'); break;
    case TAKES_SIGNALS: take_signals(data, len); break;
    case EXIT: restore_terminal(); exit(len > 0 ? data[0] : 0);
    case YOURSELF:
      if (!has_shown) do_it_yourself();
      end("jcompose: the engine gave up in the middle", FAILED);
    case NOTHING:
    default: break; /* of a newer engine's, and no harm without */
  }
}

/* Reads what the engine has sent and carries out the frames that are whole; false when it has gone. */
static bool receive(void) {
  ssize_t n = take_in(MSG_DONTWAIT);
  if (n < 0 && errno != EAGAIN && errno != EINTR) return false;
  size_t used = 0;
  while (input.len - used >= HEAD) {
    size_t len = get_len(input.bytes + used);
    if (len > FRAME_MAX) end("jcompose: the engine sent a frame that is too long", FAILED);
    if (input.len - used < HEAD + len) break;
    take(input.bytes[used], input.bytes + used + HEAD, len);
    used += HEAD + len;
  }
  drop(used);
  return n != 0;
}

static void serve(void) {
  for (bool more = receive(); more;) { /* the first frames may have come with the answer's head */
    struct pollfd wait[] = {{.fd = engine, .events = (short)(POLLIN | (pending_len > 0 ? POLLOUT : 0))},
                            {.fd = pending_len > 0 ? -1 : signal_pipe[0], .events = POLLIN},
                            {.fd = wants_input && pending_len == 0 ? 0 : -1, .events = POLLIN}};
    if (poll(wait, 3, -1) < 0) continue;
    if (wait[0].revents & POLLOUT) flush();
    if (wait[1].revents) take_signal();
    if (wait[2].revents && wants_input && pending_len == 0) send_input();
    if (wait[0].revents & ~POLLOUT) more = receive();
  }
}

/* ---- Which engine ---- */

static bool is_docker(void) { return arguments[1] && !strcmp(arguments[1], "docker"); }

/* Where docker's words are typed to this program, it hears them behind one of its own: called as docker, by a link, or by docker's own
 * command line as its plug-in. */
static void mind_name(int count) {
  const char *slash = strrchr(arguments[0], '/'), *name = slash ? slash + 1 : arguments[0];
  if (strcmp(name, "docker") != 0 && !getenv("DOCKER_CLI_PLUGIN_ORIGINAL_CLI_COMMAND")) return;
  char **more = grown(NULL, ((size_t)count + 2) * sizeof *more);
  more[0] = arguments[0];
  more[1] = (char *)"docker";
  memcpy(more + 2, arguments + 1, (size_t)count * sizeof *more);
  arguments = more;
}

/* As DockerLine.java has it: what jcompose's own variable says comes first. */
static const char *host_variable(void) {
  const char *host = getenv("JCOMPOSE_HOST");
  return is_docker() && (!host || !*host) ? getenv("DOCKER_HOST") : host;
}

static bool takes_value(const char *option) {
  const char *const *at = VALUED;
  while (*at && strcmp(*at, option) != 0) at++;
  return *at;
}

/* The socket by option or variable; NULL where Java has to see to it: an engine to start, another host, a path that is too long. */
static const char *socket_path(void) {
  static char path[sizeof((struct sockaddr_un){0}).sun_path];
  const char *host = host_variable(), *root = getenv("JCOMPOSE_ROOT");
  char **at = arguments + (is_docker() ? 2 : 1);
  for (; *at && **at == '-'; at++) {
    if (!strncmp(*at, "--host=", 7)) host = *at + 7;
    if (!strncmp(*at, "--root=", 7)) root = *at + 7;
    if (!takes_value(*at) || !at[1]) continue;
    at++;
    if (!strcmp(at[-1], "--root")) root = *at;
    if (!strcmp(at[-1], "-H") || !strcmp(at[-1], "--host")) host = *at;
  }
  if ((*at && !strcmp(*at, "engine")) || (host && strncmp(host, "unix://", 7) != 0 && strstr(host, "://"))) return NULL;
  int n;
  if (host && *host) n = snprintf(path, sizeof path, "%s", host + (strncmp(host, "unix://", 7) ? 0 : 7));
  else if (root && *root) n = snprintf(path, sizeof path, "%s/run/engine.sock", root);
  else n = snprintf(path, sizeof path, "/run/jcompose/engine.sock");
  return n > 0 && (size_t)n < sizeof path ? path : NULL;
}

static bool connect_to(const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  strcpy(address.sun_path, path);
  if (engine >= 0) close(engine);
  pending_len = input.len = 0; /* what the one before has not taken or said whole is not this one's */
  engine = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (engine >= 0 && connect(engine, (struct sockaddr *)&address, sizeof address) == 0) return true;
  if (engine >= 0) close(engine);
  engine = -1;
  return false;
}

/* Asks again for a while where the engine has no room now, or, if that is wanted, where none is there: the last answer's status. */
static int ask_for(const char *path, int seconds, bool awaits) {
  for (time_t last = time(NULL) + seconds;; nanosleep(&(struct timespec){0, 100000000}, NULL)) {
    int status = connect_to(path) ? ask() : 0;
    if (status == TAKEN_OVER || (status != BUSY && !awaits) || time(NULL) >= last) return status;
  }
}

/* Containers and their logs outlive the engine: who follows them goes on with the next one. */
static bool await_next(const char *path) {
  fprintf(stderr, "the engine has ended; the containers run on: waiting for the next engine\n");
  if (ask_for(path, NEXT_ENGINE_S, true) == TAKEN_OVER) return true;
  fprintf(stderr, "no engine came within %d s; any command starts one\n", NEXT_ENGINE_S);
  return false;
}

static void find_home(void) {
  ssize_t n = readlink("/proc/self/exe", home, sizeof home - 1);
  if (n < 0) end("jcompose: cannot read /proc/self/exe", FAILED);
  home[n] = 0;
  for (int up = 0; up < 2 && strrchr(home, '/'); up++) *strrchr(home, '/') = 0;
}

/* A descriptor 0, 1 or 2 that the caller closed would be the socket's number, and be written to as output. */
static void fill_standard_streams(void) {
  for (int fd = 0; fd < 3; fd++)
    if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd ? O_WRONLY : O_RDONLY) != fd) exit(FAILED);
}

int main(int argc, char **argv, char **envp) {
  if (argc < 1) return FAILED;
  arguments = argv;
  environment = envp;
  mind_name(argc);
  fill_standard_streams();
  find_home();
  clock_gettime(CLOCK_REALTIME, &began);
  char *folder = getcwd(NULL, 0);
  if (!folder) end("jcompose: the current folder is gone: change to another", 1);
  free(folder);
  const char *path = socket_path();
  int status = path ? ask_for(path, BUSY_ENGINE_S, false) : 0;
  if (status == BUSY) end("the engine has as much to do as it can; try again later", 1); /* each with a Java runtime would be more load */
  if (status != TAKEN_OVER) do_it_yourself();
  watch_signals();
  do serve();
  while (follows && await_next(path));
  restore_terminal();
  end("the engine ended before the command did; what it had begun it undoes or finishes at its next start", 1);
}
