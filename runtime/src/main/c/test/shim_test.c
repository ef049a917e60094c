/* Unit tests of the parts of the shim that need no privilege. Run by make test. */
#include "../log.c"

#include <stdlib.h>
#include <sys/resource.h>

struct task task;
static int64_t now, now_step;
int64_t now_ms(void) { return now += now_step; }
void close_fd(int *fd) {
  if (*fd >= 0) close(*fd);
  *fd = -1;
}
static void says_its_part(struct child *child);
/* In the place of child_main: a child that runs until it is killed. */
void child_main(const struct plan *plan, struct child *child) {
  (void)plan;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  says_its_part(child);
  for (;;) pause();
}

static int failures;
static char dir[] = "/tmp/shim-test-XXXXXX";
static char path[256];

#define CHECK(condition, ...) \
  do { \
    if (!(condition)) { \
      failures++; \
      fprintf(stderr, "%s:%d: %s: ", __FILE__, __LINE__, #condition); \
      fprintf(stderr, __VA_ARGS__); \
      fputc('\n', stderr); \
    } \
  } while (0)

static const char *content(const char *suffix) {
  static char text[400000], name[300];
  snprintf(name, sizeof name, "%s%s", path, suffix);
  int fd = open(name, O_RDONLY);
  ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof text - 1);
  if (fd >= 0) close(fd);
  text[n > 0 ? n : 0] = 0;
  return text;
}

static void fresh(int64_t max_bytes, uint32_t files) {
  static int count;
  snprintf(path, sizeof path, "%s/log%d", dir, count++);
  memset(&file, 0, sizeof file);
  memset(streams, 0, sizeof streams);
  CHECK(log_open(path, max_bytes, files, 7, "") == 0, "%s", strerror(errno));
}

static void says(int stream, const char *text) { log_write(stream, text, strlen(text), (struct timespec){1000000000, 120000000}); }

static void writes_a_record_a_line(void) {
  fresh(-1, 1);
  says(1, "one\ntwo");
  CHECK(strcmp(content(""), "{\"log\":\"one\\n\",\"stream\":\"stdout\",\"time\":\"2001-09-09T01:46:40.12Z\"}\n") == 0, "%s", content(""));
  says(2, "err\n");
  says(1, "!\n");
  CHECK(strstr(content(""), "{\"log\":\"err\\n\",\"stream\":\"stderr\"") != NULL, "%s", content(""));
  CHECK(strstr(content(""), "{\"log\":\"two!\\n\",") != NULL, "%s", content(""));
}

static void escapes_as_docker(void) {
  fresh(-1, 1);
  says(1, "\"\\\t\r<>&\x01\x7f\xc3\xa4\xe2\x80\xa8\xff\xc3\xed\xa0\x80\n");
  const char *wanted =
      "{\"log\":\"\\\"\\\\\\u0009\\r\\u003c\\u003e\\u0026\\u0001\x7f\xc3\xa4\\u2028\\ufffd\\ufffd\\ufffd\\ufffd\\ufffd\\n\",";
  CHECK(strncmp(content(""), wanted, strlen(wanted)) == 0, "%s", content(""));
}

/* A character whose rest does not come is none; one whose rest comes later is whole. */
static void takes_any_bytes(void) {
  fresh(-1, 1);
  static char noise[65536];
  srand(1);
  for (int round = 0; round < 20; round++) {
    for (size_t i = 0; i < sizeof noise; i++) noise[i] = (char)rand();
    log_write(1 + round % 2, noise, sizeof noise, (struct timespec){0, 0});
  }
  for (const unsigned char *p = (const unsigned char *)content(""); *p; p++) CHECK(*p >= 0x20 || *p == '\n', "%d is escaped", *p);
  fresh(-1, 1);
  says(1, "a\xe2\x82");
  says(1, "\xac\xf0\x9f\n\xe2\x82");
  log_finish(1);
  CHECK(strncmp(content(""), "{\"log\":\"a\xe2\x82\xac\\ufffd\\ufffd\\n\",", 22) == 0, "%s", content(""));
  CHECK(strstr(content(""), "{\"log\":\"\\ufffd\\ufffd\",") != NULL, "%s", content(""));
}

static void cuts_long_lines(void) {
  fresh(-1, 1);
  static char line[40001];
  memset(line, 'x', 40000);
  log_write(1, line, 20000, (struct timespec){5, 0});
  log_write(1, line + 20000, 20000, (struct timespec){6, 0});
  log_write(1, "\n", 1, (struct timespec){7, 0});
  const char *text = content("");
  int lines = 0;
  for (const char *p = text; *p; p++) lines += *p == '\n';
  CHECK(lines == 3, "%d", lines);
  CHECK(strstr(text, "1970-01-01T00:00:06Z") == NULL && strstr(text, "1970-01-01T00:00:05Z") != NULL, "time of the first part");
  CHECK(strlen(text) == 40000 + 3 * strlen("{\"log\":\"\",\"stream\":\"stdout\",\"time\":\"1970-01-01T00:00:05Z\"}\n") + 2, "%zu",
        strlen(text));
}

static void ends_without_a_newline(void) {
  fresh(-1, 1);
  says(1, "half");
  CHECK(*content("") == 0, "%s", content(""));
  log_finish(1);
  CHECK(strncmp(content(""), "{\"log\":\"half\",", 14) == 0, "%s", content(""));
}

static void rotates_and_keeps_so_many(void) {
  fresh(200, 3);
  char line[32];
  for (int i = 0; i < 20; i++) {
    snprintf(line, sizeof line, "line %d\n", i);
    says(1, line);
  }
  struct stat st;
  char name[300];
  for (int i = 7; i <= 13; i++) { /* each has three lines */
    snprintf(name, sizeof name, "%s.%d", path, i);
    CHECK(i < 11 || i > 12 ? stat(name, &st) < 0 : stat(name, &st) == 0 && st.st_size >= 200, "%s", name);
  }
  CHECK(strstr(content(""), "line 19") != NULL, "%s", content(""));
  CHECK(strstr(content(".12"), "line 18") == NULL && strstr(content(".12"), "line 17") != NULL, "%s", content(".12"));
  fresh(100, 1);
  for (int i = 0; i < 5; i++) says(1, "again\n");
  for (int i = 7; i < 12; i++) {
    snprintf(name, sizeof name, "%s.%d", path, i);
    CHECK(stat(name, &st) < 0, "%s", name);
  }
}

static void limit_files(rlim_t bytes) {
  struct rlimit limit = {bytes, RLIM_INFINITY};
  CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0, "%s", strerror(errno));
}

static void tells_what_a_full_disk_swallowed(void) {
  fresh(-1, 1);
  signal(SIGXFSZ, SIG_IGN);
  says(1, "before\n");
  limit_files(strlen(content("")) + 20);
  says(1, "lost\n");
  says(2, "lost too\n");
  CHECK(file.dropped == 14, "%llu", (unsigned long long)file.dropped);
  CHECK(strchr(content(""), '\n')[1] == 0, "no part of a record stays: %s", content(""));
  limit_files(RLIM_INFINITY);
  says(1, "after\n");
  CHECK(file.dropped == 0, "%llu", (unsigned long long)file.dropped);
  const char *told =
      strstr(content(""), "{\"log\":\"jcompose: 14 bytes of output were dropped here: File too large\\n\",\"stream\":\"stderr\",");
  CHECK(told != NULL && strstr(told, "{\"log\":\"after\\n\"") != NULL, "%s", content(""));
  CHECK(log_open("/dev/full", -1, 1, 7, "") == 0, "open");
  log_write(1, "lost\n", 5, (struct timespec){0, 0});
  CHECK(file.dropped == 5 && file.why == ENOSPC, "%llu", (unsigned long long)file.dropped);
}

static void puts_attributes_before_the_time(void) {
  fresh(-1, 1);
  file.attrs = "{\"tag\":\"web\"}";
  says(1, "one\n");
  CHECK(strcmp(content(""),
               "{\"log\":\"one\\n\",\"stream\":\"stdout\",\"attrs\":{\"tag\":\"web\"},\"time\":\"2001-09-09T01:46:40.12Z\"}\n") == 0,
        "%s", content(""));
}

static void removes_packed_files_in_their_time(void) {
  char name[300];
  fresh(100, 2);
  for (int i = 6; i < 9; i++) {
    snprintf(name, sizeof name, "%s.%d.gz", path, i);
    close(open(name, O_CREAT | O_WRONLY, 0600));
  }
  for (int i = 0; i < 2; i++) says(1, "a line that is long enough to fill a file of one hundred bytes with its frame\n");
  snprintf(name, sizeof name, "%s.6.gz", path);
  CHECK(access(name, F_OK) < 0, "the one before is too much: %s", name);
  snprintf(name, sizeof name, "%s.7.gz", path);
  CHECK(access(name, F_OK) == 0 && *content(".7") != 0, "what was rotated just now");
}

/* A plan as the engine encodes it: operations, then what they point to. */
#define OPS 2
static struct image {
  uint32_t head[4];
  struct op ops[OPS];
  uint64_t data[1024]; /* the last one stays 0 */
} image;
static size_t data_fill, op_count;

static uint64_t bytes(const void *data, size_t len) {
  uint64_t at = offsetof(struct image, data) + data_fill;
  memcpy((uint8_t *)image.data + data_fill, data, len);
  data_fill += (len + 7) / 8 * 8;
  return at;
}

static uint64_t text(const char *value) { return bytes(value, strlen(value) + 1); }

static struct op *op(uint16_t code, uint16_t result, const char *letters) {
  struct op *o = &image.ops[op_count++];
  *o = (struct op){.code = code, .result = result};
  strncpy(o->kinds, letters, sizeof o->kinds);
  return o;
}

#define ARGS(...) \
  (uint64_t[6]) { __VA_ARGS__ }
static struct op *with(struct op *o, const uint64_t *args) {
  memcpy(o->args, args, sizeof o->args);
  return o;
}

static struct op *call(uint16_t nr, uint16_t result, uint64_t may, const char *letters, const uint64_t *args) {
  struct op *o = with(op(OP_CALL, result, letters), args);
  o->nr = nr;
  o->may = may;
  return o;
}

static uint64_t memory_of(uint32_t size, uint32_t at) { return (uint64_t)size << 32 | at; }

static unsigned asked; /* what another's operations were */
static long asks(const struct plan *plan, const struct op *o, const long *args) {
  (void)plan, (void)args;
  asked = asked * 100 + o->code;
  if (o->code == OP_EXEC)
    for (int list = 0; list < 4; list++)
      for (char **texts = (char **)args[list]; *texts; texts++) asked += (unsigned)strlen(*texts);
  return o->code == OP_SYNC ? 0 : (errno = EPERM, -1);
}

/* Carries out what was written: what it fails with, or 0. */
static int outcome(void) {
  struct failure f = {0};
  struct plan plan;
  uint32_t head[] = {PLAN_MAGIC, PLAN_VERSION, (uint32_t)op_count, 7};
  memcpy(image.head, head, sizeof head);
  for (size_t i = op_count; i < OPS; i++) image.ops[i] = (struct op){.code = OP_SYNC, .result = NO_REGISTER};
  int result = plan_open(&plan, (uint8_t *)&image, sizeof image) ? carry_out(&plan, asks, &f) : -1;
  CHECK(result == 0 || f.number == 7 || f.number == 8, "number %u", f.number);
  data_fill = op_count = 0;
  return result < 0 ? -f.err : 0;
}

/* The descriptor in a register. */
static int opened(uint16_t number) {
  uint8_t kept[sizeof(int)];
  uint64_t at = bytes((char[16]){0}, 16);
  with(op(OP_PATCH, NO_REGISTER, "dr"), ARGS(at, number));
  memcpy(kept, "----", 4);
  if (outcome() == 0) memcpy(kept, (uint8_t *)&image + at, sizeof kept);
  int fd;
  memcpy(&fd, kept, sizeof fd);
  return fd;
}

static void reads_plans_within_their_bounds(void) {
  struct plan plan;
  struct failure f;
  op(OP_SYNC, NO_REGISTER, "");
  CHECK(outcome() == 0, "whole");
  memset(&image.ops[1], 0, sizeof image.ops[1]);
  for (size_t len = 0; len < sizeof image; len++) /* each byte behind the operations is 0 */
    CHECK(plan_open(&plan, (uint8_t *)&image, len) == (len >= offsetof(struct image, ops) + sizeof(struct op)), "%zu", len);
  ((uint8_t *)&image)[sizeof image - 1] = 1;
  CHECK(!plan_open(&plan, (uint8_t *)&image, sizeof image), "a text may not end");
  ((uint8_t *)&image)[sizeof image - 1] = 0;
  srand(1);
  for (int round = 0; round < 100000; round++) { /* nothing of it is called: see op_count */
    uint8_t *exact = malloc(sizeof image.head + sizeof image.ops + 64);
    for (size_t i = 0; i < sizeof image.head + sizeof image.ops + 64; i++) exact[i] = (uint8_t)(rand() & (rand() % 4 ? 0x0f : 0xff));
    uint32_t head[] = {PLAN_MAGIC, PLAN_VERSION, OPS, 0};
    memcpy(exact, head, sizeof head);
    uint16_t codes[] = {OP_EXEC, OP_LOG, OP_TERMINAL, OP_CGROUP, OP_CHECK};
    for (int i = 0; i < OPS; i++) {
      memcpy(exact + sizeof head + i * sizeof(struct op), &codes[rand() % 5], 2);
      strcpy((char *)exact + sizeof head + i * sizeof(struct op) + 8, (const char *[]){"llll", "dnndn", "r", "dn", "mnnn"}[rand() % 5]);
    }
    exact[sizeof image.head + sizeof image.ops + 63] = 0;
    if (plan_open(&plan, exact, sizeof image.head + sizeof image.ops + 64)) carry_out(&plan, asks, &f);
    free(exact);
  }
}

static void calls_the_kernel_and_keeps_what_it_opens(void) {
  call(SYS_openat, 7, 0, "ndn", ARGS((uint64_t)AT_FDCWD, text("/dev/null"), O_RDONLY | O_CLOEXEC));
  CHECK(outcome() == 0 && opened(7) > 2, "open");
  int first = opened(7);
  call(SYS_dup3, 7, 0, "rnn", ARGS(7, (uint64_t)first + 20, O_CLOEXEC));
  CHECK(outcome() == 0 && opened(7) == first + 20, "a new number");
  CHECK(fcntl(first, F_GETFD) < 0, "the one before is closed");
  call(SYS_fcntl, NO_REGISTER, 0, "rn", ARGS(8, F_GETFD));
  CHECK(outcome() == -EBADF, "an empty register");
  set_register(7, -1);
  CHECK(opened(7) == -1 && fcntl(first + 20, F_GETFD) < 0, "closed");
}

/* Whether a call's outcome skips the operation behind it, which would fail. */
static bool skips(uint16_t nr, uint64_t may, const char *letters, const uint64_t *args) {
  call(nr, NO_REGISTER, may, letters, args)->skip = 1;
  call(SYS_close, NO_REGISTER, 0, "n", ARGS(9999));
  int result = outcome();
  CHECK(result == 0 || result == -EBADF, "%d", result);
  return result == 0;
}

static void an_error_may_be_none_and_skip(void) {
  call(SYS_close, NO_REGISTER, 0, "n", ARGS(9999));
  CHECK(outcome() == -EBADF, "fails");
  call(SYS_close, NO_REGISTER, 1 << ENOENT, "n", ARGS(9999));
  CHECK(outcome() == -EBADF, "another error");
  CHECK(skips(SYS_close, 1 << EBADF, "n", ARGS(9999)), "an error skips");
  CHECK(!skips(SYS_getpid, 1 << EBADF, "", ARGS(0)), "success skips nothing");
  CHECK(skips(SYS_getpid, 1 << EBADF | 1, "", ARGS(0)), "or it does");
  CHECK(!skips(SYS_close, 1 << EBADF | 1, "n", ARGS(9999)), "and then an error does not");
  call(SYS_openat, NO_REGISTER, 1ull << 63, "ndn", ARGS((uint64_t)AT_FDCWD, text("/"), O_TMPFILE | O_RDONLY));
  CHECK(outcome() == -EINVAL, "one below the last bit");
  call(SYS_setsockopt, NO_REGISTER, 1ull << 63, "nnnnn", ARGS(0, SOL_SOCKET, 1, 0, 0));
  CHECK(outcome() == 0, "ENOTSOCK is above 62");
}

static int checks(uint32_t at, uint32_t mask, uint32_t value, uint32_t err) {
  with(op(OP_CHECK, NO_REGISTER, "mnnn"), ARGS(memory_of(4, at), mask, value, err));
  return outcome();
}

static void looks_at_what_the_kernel_wrote(void) {
  call(SYS_getcwd, NO_REGISTER, 0, "mn", ARGS(memory_of(4096, 0), 4096));
  CHECK(chdir("/tmp") == 0 && outcome() == 0, "getcwd");
  CHECK(checks(0, 0xff, '/', ENOENT) == 0, "a slash");
  CHECK(checks(1, 0xff, '/', EXDEV) == -EXDEV, "no slash");
}

static void stays_in_its_bounds(void) {
  static const uint8_t eight[8];
  call(SYS_getpid, 9216, 0, "", ARGS(0));
  CHECK(outcome() == -EPROTO, "a result behind the last register");
  call(SYS_getpid, NO_REGISTER, 0, "r", ARGS(9216));
  CHECK(outcome() == -EPROTO, "a register behind the last");
  call(SYS_getpid, NO_REGISTER, 0, "r", ARGS(NO_REGISTER));
  CHECK(outcome() == 0, "none");
  call(SYS_getpid, NO_REGISTER, 0, "m", ARGS(memory_of(4608, 0)));
  CHECK(outcome() == 0, "all of the memory");
  for (uint32_t i = 0; i < 3; i++) {
    call(SYS_getpid, NO_REGISTER, 0, "m", ARGS(memory_of(i == 2 ? ~0u : 4608 + i, i == 0 ? 1 : 0)));
    CHECK(outcome() == -EPROTO, "more than the memory: %u", i);
  }
  call(SYS_getpid, NO_REGISTER, 0, "w", ARGS(4607));
  CHECK(outcome() == -EPROTO, "half of a number");
  uint64_t last = sizeof image - 8;
  for (uint64_t i = 0; i < 4; i++) {
    call(SYS_getpid, NO_REGISTER, 0, "d", ARGS((const uint64_t[]){last, last + 8, last - 4, ~7ull}[i]));
    CHECK(outcome() == (i == 0 ? 0 : -EPROTO), "data behind the end: %u", (unsigned)i);
  }
  with(op(OP_PATCH, NO_REGISTER, "dn"), ARGS(bytes(eight, 8), 8));
  CHECK(outcome() == -EPROTO, "other arguments than it has");
  call(SYS_getpid, NO_REGISTER, 0, "x", ARGS(0));
  CHECK(outcome() == -EPROTO, "an unknown kind");
  CHECK(checks(4605, 0, 0, 0) == -EPROTO, "check");
  op(99, NO_REGISTER, "");
  CHECK(outcome() == -EPROTO, "an unknown operation");
  op(0, NO_REGISTER, "");
  CHECK(outcome() == -EPROTO, "none");
}

static void gives_lists_and_other_operations_to_who_has_them(void) {
  uint64_t one = text("one"), both[] = {one, text("three"), 0}, none[] = {0};
  asked = 0;
  with(op(OP_EXEC, NO_REGISTER, "llll"), ARGS(bytes(none, 8), bytes(both, 24), bytes(both, 16 + 8), bytes(none, 8)));
  CHECK(outcome() == -EPERM && asked == OP_EXEC + 3 + 5 + 3 + 5, "%u", asked);
  uint64_t far[] = {sizeof image, 0};
  with(op(OP_EXEC, NO_REGISTER, "llll"), ARGS(bytes(far, 16), 0, 0, 0));
  CHECK(outcome() == -EPROTO, "a text behind the end");
}

static void puts_descriptors_and_modes_into_arguments(void) {
  char name[300];
  struct stat st;
  snprintf(name, sizeof name, "%s/patched", dir);
  CHECK(mkdir(name, 0751) == 0, "%s", name);
  call(SYS_openat, 9, 0, "ndn", ARGS((uint64_t)AT_FDCWD, text(name), O_RDONLY));
  CHECK(outcome() == 0 && opened(9) > 2 && opened(8) == -1, "%s", name);
  call(SYS_statx, NO_REGISTER, 0, "rdnnm", ARGS(9, text(""), AT_EMPTY_PATH, 3, memory_of(256, 0)));
  CHECK(outcome() == 0 && mkdirat(opened(9), "in", 0700) == 0, "statx");
  call(SYS_fchmodat, NO_REGISTER, 0, "rdw", ARGS(9, text("in"), 28));
  CHECK(outcome() == 0 && fstatat(opened(9), "in", &st, 0) == 0 && st.st_mode == (S_IFDIR | 0751), "%o", st.st_mode);
  set_register(9, -1);
}

static int makes(const char *what, uint64_t no_symlinks, uint64_t like) {
  with(op(OP_PATH, 12, "rdrn"), ARGS(11, text(what), like, no_symlinks));
  return outcome();
}

static void makes_what_is_missing_in_a_root(void) {
  char name[300], deep[400];
  struct stat st;
  snprintf(name, sizeof name, "%s/root", dir);
  CHECK(mkdir(name, 0700) == 0, "%s", name);
  set_register(11, open(name, O_PATH | O_DIRECTORY));
  CHECK(makes("/a//b/c/", 0, NO_REGISTER) == 0 && fstatat(opened(11), "a/b/c", &st, 0) == 0 && S_ISDIR(st.st_mode), "directories");
  set_register(13, open("/dev/null", O_PATH));
  CHECK(makes("/a/file", 0, 13) == 0 && fstatat(opened(11), "a/file", &st, 0) == 0 && S_ISREG(st.st_mode), "a file");
  CHECK(makes("plain", 0, 13) == 0 && fstatat(opened(11), "plain", &st, 0) == 0 && S_ISREG(st.st_mode), "a file in the root");
  CHECK(makes("/a/file/x", 0, NO_REGISTER) == -ENOTDIR, "below a file");
  CHECK(symlinkat("/run/../new/place", opened(11), "link") == 0 && makes("/link/x", 0, NO_REGISTER) == 0, "%s", strerror(errno));
  CHECK(fstatat(opened(11), "new/place/x", &st, 0) == 0, "where a link leads, in this root");
  CHECK(symlinkat("../../there/file", opened(11), "a/up") == 0 && makes("/a/up", 0, 13) == 0, "%s", strerror(errno));
  CHECK(fstatat(opened(11), "there/file", &st, 0) == 0 && S_ISREG(st.st_mode), "from where it is, and no further up");
  CHECK(makes("/link/x", 1, NO_REGISTER) == -ELOOP, "no link is wanted");
  CHECK(symlinkat("loop", opened(11), "loop") == 0 && makes("/loop", 0, NO_REGISTER) == -ELOOP, "a loop");
  for (size_t i = 0; i < 199; i++) memcpy(deep + 2 * i, "/d", 3);
  CHECK(makes(deep, 0, NO_REGISTER) == -ELOOP, "far too deep");
  with(op(OP_PATH, 9216, "rdrn"), ARGS(11, text("/a"), NO_REGISTER));
  CHECK(outcome() == -EPROTO, "no such register");
  for (uint32_t i = 11; i < 14; i++) set_register(i, -1);
}

/* A child that ends before init waits for it is not missed: its SIGCHLD comes to a process that would ignore it. */
static void init_sees_a_child_that_ends_at_once(void) {
  char *words[] = {INIT_NAME, "--", "true", NULL}, *none[] = {NULL};
  for (int round = 0; round < 300; round++) {
    pid_t init = fork();
    if (init == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      if (init_fork(-1, words, none) == 0) _exit(7);
    }
    int status = 0;
    for (int waits = 0; waitpid(init, &status, WNOHANG) == 0 && waits < 20000; waits++) usleep(1000);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 7, "round %d: %x", round, status);
    if (!WIFEXITED(status)) {
      kill(init, SIGKILL);
      waitpid(init, NULL, 0);
      return;
    }
  }
}

/* A group that a child shall be born in is not passed over: in none it would have no limits. */
static void makes_no_child_outside_of_its_group(void) {
  struct child child = {.pidfd = -1};
  struct proc p;
  struct failure f = {0};
  task.id = "test";
  task.cgroups[0] = "/nonexistent/group";
  task.born_in = 1;
  task.cgroup_count = 1;
  CHECK(launch(&(struct plan){0}, 0, 0, &child, &p, &f) < 0 && f.err == ENOENT, "%s: %d", f.what, f.err);
  CHECK(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD, "no child");
  task.cgroup_count = task.born_in = 0;
}

/* What a child says in turn, each by a test's own child. */
static enum { SILENT, STARTS_WELL, GOES_ON, GOES_ON_AND_FAILS, GOES_NOWHERE, FAILS, FAILS_BRIEFLY, SAYS_OTHER } act;

/* Makes a sibling in the place of this one, as the kernel's clone does. */
static void goes_on(struct child *child) {
  struct failure failure = {7, OP_EXEC, EACCES, "what a tracer may have written"};
  close(child->sync);
  if (act == GOES_NOWHERE) _exit(126);
  pid_t pid = (pid_t)syscall(SYS_clone, CLONE_PARENT | CLONE_PARENT_SETTID, NULL, child->next, NULL, NULL);
  if (pid != 0) _exit(pid < 0);
  if (act == GOES_ON_AND_FAILS && write(child->fails, &failure, sizeof failure) < 0) _exit(1);
  close(child->fails);
}

static void says_its_part(struct child *child) {
  char answer;
  struct failure failure = {.number = 5, .code = OP_EXEC, .err = ENOENT};
  int sync = child->sync, null = open("/dev/null", O_RDWR | O_CLOEXEC);
  switch (act) {
    case SILENT:
      for (;;) pause();
    case STARTS_WELL:
      say(sync, -1);
      if (recv(sync, &answer, 1, 0) != 1 || answer != 'G') _exit(1);
      say(sync, null);
      *child->next = getpid();
      say(sync, -1);
      if (recv(sync, &answer, 1, 0) != 1) _exit(1);
      close(sync);
      close(child->fails);
      for (;;) pause();
    case GOES_ON:
    case GOES_ON_AND_FAILS:
    case GOES_NOWHERE: goes_on(child); break;
    case FAILS: _exit(write(child->fails, &failure, sizeof failure) < 0);
    case FAILS_BRIEFLY: _exit(write(child->fails, &failure, 5) < 0);
    case SAYS_OTHER: send(sync, "other", 5, 0);
  }
  pause();
}

static int launch_as(int part, struct proc *p, struct failure *f) {
  struct child child = {.pidfd = -1};
  act = part;
  return launch(&(struct plan){0}, 0, 0, &child, p, f);
}

static void hears_what_a_child_says(void) {
  struct failure f = {0};
  struct proc p;
  CHECK(launch_as(STARTS_WELL, &p, &f) == 0 && p.pid > 0 && p.pidfd >= 0 && p.fd[1] >= 0, "starts: %s", f.what);
  kill(p.pid, SIGKILL);
  CHECK(waitpid(p.pid, NULL, 0) == p.pid, "it was left running");
  release(&p);
  CHECK(launch_as(GOES_ON, &p, &f) == 0 && p.pid > 0 && p.pidfd >= 0, "goes on: %s", f.what);
  kill(p.pid, SIGKILL);
  CHECK(waitpid(p.pid, NULL, 0) == p.pid, "it was left running");
  release(&p);
  CHECK(launch_as(GOES_ON_AND_FAILS, &p, &f) == -1 && f.number == 7 && f.err == EACCES && *f.what == 0, "goes on and fails: %s", f.what);
  int status = 0;
  CHECK(launch_as(GOES_NOWHERE, &p, &f) == 0 && waitpid(p.pid, &status, 0) == p.pid && WEXITSTATUS(status) == 126, "its end is told");
  release(&p);
  CHECK(launch_as(FAILS, &p, &f) == -1 && f.number == 5 && f.err == ENOENT && *f.what == 0, "failure: %s", f.what);
  CHECK(launch_as(FAILS_BRIEFLY, &p, &f) == -1 && f.number == 0 && f.err == EPROTO, "half a failure: %s", f.what);
  CHECK(launch_as(SAYS_OTHER, &p, &f) == -1 && f.err == EPROTO, "what none says: %s", f.what);
  now_step = 40000; /* so much later at each look at the clock */
  CHECK(launch_as(SILENT, &p, &f) == -1 && f.err == ETIMEDOUT, "a silent child: %s", f.what);
  now_step = 0;
  CHECK(p.fd[1] == -1 && waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD, "none is left");
}

static pid_t waiting_child(bool own_session) {
  int ready[2];
  char byte;
  CHECK(pipe(ready) == 0, "pipe");
  pid_t pid = fork();
  if (pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (own_session) setsid();
    if (write(ready[1], "x", 1) == 1)
      for (;;) pause();
  }
  CHECK(read(ready[0], &byte, 1) == 1, "a child");
  close(ready[0]);
  close(ready[1]);
  return pid;
}

/* As on a machine with cgroup v1 alone, where no file kills a group. */
static void kills_the_processes_of_a_group_one_by_one(void) {
  char group[300];
  int status = 0;
  pid_t one = waiting_child(true), other = waiting_child(false);
  snprintf(path, sizeof path, "%s/group", dir);
  snprintf(group, sizeof group, "%s/cgroup.procs", path);
  CHECK(mkdir(path, 0700) == 0, "%s", path);
  FILE *procs = fopen(group, "w");
  fprintf(procs, "%d\n%d\n0\n", one, other);
  fclose(procs);
  task.cgroups[0] = path;
  task.cgroup_count = 1;
  kill_all(one);
  CHECK(waitpid(one, &status, 0) == one && WTERMSIG(status) == SIGKILL, "of the session");
  CHECK(waitpid(other, &status, WNOHANG) == 0, "not of it");
  kill_all(0);
  CHECK(waitpid(other, &status, 0) == other && WTERMSIG(status) == SIGKILL, "of the group");
  task.cgroup_count = 0;
}

/* Which are removed at once, and the others at once not. */
static void leaves_groups_within_groups_to_the_engine(void) {
  char names[2][300], inner[310];
  snprintf(names[0], sizeof names[0], "%s/nested", dir);
  snprintf(names[1], sizeof names[1], "%s/single", dir);
  snprintf(inner, sizeof inner, "%s/inner", names[0]);
  for (int i = 0; i < 2; i++) {
    CHECK(mkdir(names[i], 0700) == 0, "%s", names[i]);
    task.cgroups[i] = names[i];
  }
  CHECK(mkdir(inner, 0700) == 0, "%s", inner);
  task.cgroup_count = 2;
  remove_cgroups();
  CHECK(access(inner, F_OK) == 0, "%s", strerror(errno));
  CHECK(access(names[1], F_OK) < 0 && errno == ENOENT, "%s is left", names[1]);
  task.cgroup_count = 0;
}

int main(void) {
  if (mkdtemp(dir) == NULL) return 1;
  writes_a_record_a_line();
  escapes_as_docker();
  takes_any_bytes();
  cuts_long_lines();
  ends_without_a_newline();
  rotates_and_keeps_so_many();
  tells_what_a_full_disk_swallowed();
  puts_attributes_before_the_time();
  removes_packed_files_in_their_time();
  reads_plans_within_their_bounds();
  calls_the_kernel_and_keeps_what_it_opens();
  an_error_may_be_none_and_skip();
  looks_at_what_the_kernel_wrote();
  stays_in_its_bounds();
  gives_lists_and_other_operations_to_who_has_them();
  puts_descriptors_and_modes_into_arguments();
  makes_what_is_missing_in_a_root();
  init_sees_a_child_that_ends_at_once();
  makes_no_child_outside_of_its_group();
  hears_what_a_child_says();
  kills_the_processes_of_a_group_one_by_one();
  leaves_groups_within_groups_to_the_engine();
  char command[300];
  snprintf(command, sizeof command, "rm -rf %s", dir);
  if (system(command) != 0) failures++;
  if (failures == 0) puts("shim tests passed");
  return failures != 0;
}
