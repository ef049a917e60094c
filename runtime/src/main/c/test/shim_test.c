/* Unit tests of the parts of the shim that need no privilege. Run by make test. */
#include "task.h"

#include <stdio.h>
#include <stdlib.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

struct task task;
static char own_words[64];
char *command_words = own_words;
size_t command_size = sizeof own_words;
static int64_t now, now_step;
int64_t now_ms(void) { return now += now_step; }
void close_fd(int *fd) {
  if (*fd >= 0) close(*fd);
  *fd = -1;
}
static void says_its_part(int sync);
/* In the place of child.c: a child that runs until it is killed. */
void child_main(const uint8_t *plan, size_t len, struct child_context *ctx) {
  (void)plan, (void)len;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  says_its_part(ctx->sync);
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

static struct log_file *fresh(int64_t max_bytes, uint32_t files) {
  static struct log_file log;
  static int count;
  snprintf(path, sizeof path, "%s/log%d", dir, count++);
  memset(&log, 0, sizeof log);
  CHECK(log_open(&log, path, max_bytes, files) == 0, "%s", strerror(errno));
  return &log;
}

static void says(struct log_file *log, int stream, const char *text) {
  log_write(log, stream, text, strlen(text), (struct timespec){1000000000, 120000000});
}

static void writes_a_record_a_line(void) {
  struct log_file *log = fresh(-1, 1);
  says(log, 1, "one\ntwo");
  CHECK(strcmp(content(""), "{\"log\":\"one\\n\",\"stream\":\"stdout\",\"time\":\"2001-09-09T01:46:40.12Z\"}\n") == 0, "%s", content(""));
  says(log, 2, "err\n");
  says(log, 1, "!\n");
  CHECK(strstr(content(""), "{\"log\":\"err\\n\",\"stream\":\"stderr\"") != NULL, "%s", content(""));
  CHECK(strstr(content(""), "{\"log\":\"two!\\n\",") != NULL, "%s", content(""));
}

static void escapes_as_docker(void) {
  struct log_file *log = fresh(-1, 1);
  says(log, 1, "\"\\\t\r<>&\x01\x7f\xc3\xa4\xe2\x80\xa8\xff\xc3\xed\xa0\x80\n");
  const char *wanted =
      "{\"log\":\"\\\"\\\\\\u0009\\r\\u003c\\u003e\\u0026\\u0001\x7f\xc3\xa4\\u2028\\ufffd\\ufffd\\ufffd\\ufffd\\ufffd\\n\",";
  CHECK(strncmp(content(""), wanted, strlen(wanted)) == 0, "%s", content(""));
}

/* A character whose rest does not come is none; one whose rest comes later is whole. */
static void takes_any_bytes(void) {
  struct log_file *log = fresh(-1, 1);
  static char noise[65536];
  srand(1);
  for (int round = 0; round < 20; round++) {
    for (size_t i = 0; i < sizeof noise; i++) noise[i] = (char)rand();
    log_write(log, 1 + round % 2, noise, sizeof noise, (struct timespec){0, 0});
  }
  for (const unsigned char *p = (const unsigned char *)content(""); *p; p++) CHECK(*p >= 0x20 || *p == '\n', "%d is escaped", *p);
  log = fresh(-1, 1);
  says(log, 1, "a\xe2\x82");
  says(log, 1, "\xac\xf0\x9f\n\xe2\x82");
  log_finish(log, 1);
  CHECK(strncmp(content(""), "{\"log\":\"a\xe2\x82\xac\\ufffd\\ufffd\\n\",", 22) == 0, "%s", content(""));
  CHECK(strstr(content(""), "{\"log\":\"\\ufffd\\ufffd\",") != NULL, "%s", content(""));
}

static void cuts_long_lines(void) {
  struct log_file *log = fresh(-1, 1);
  static char line[40001];
  memset(line, 'x', 40000);
  log_write(log, 1, line, 20000, (struct timespec){5, 0});
  log_write(log, 1, line + 20000, 20000, (struct timespec){6, 0});
  log_write(log, 1, "\n", 1, (struct timespec){7, 0});
  const char *text = content("");
  int lines = 0;
  for (const char *p = text; *p; p++) lines += *p == '\n';
  CHECK(lines == 3, "%d", lines);
  CHECK(strstr(text, "1970-01-01T00:00:06Z") == NULL && strstr(text, "1970-01-01T00:00:05Z") != NULL, "time of the first part");
  CHECK(strlen(text) == 40000 + 3 * strlen("{\"log\":\"\",\"stream\":\"stdout\",\"time\":\"1970-01-01T00:00:05Z\"}\n") + 2, "%zu",
        strlen(text));
}

static void ends_without_a_newline(void) {
  struct log_file *log = fresh(-1, 1);
  says(log, 1, "half");
  CHECK(*content("") == 0, "%s", content(""));
  log_finish(log, 1);
  CHECK(strncmp(content(""), "{\"log\":\"half\",", 14) == 0, "%s", content(""));
}

static void rotates_and_keeps_so_many(void) {
  struct log_file *log = fresh(200, 3);
  char line[32];
  for (int i = 0; i < 20; i++) {
    snprintf(line, sizeof line, "line %d\n", i);
    says(log, 1, line);
  }
  struct stat st;
  char name[300];
  for (int i = 1; i <= 2; i++) {
    snprintf(name, sizeof name, "%s.%d", path, i);
    CHECK(stat(name, &st) == 0 && st.st_size >= 200, "%s", name);
  }
  snprintf(name, sizeof name, "%s.3", path);
  CHECK(stat(name, &st) < 0, "%s", name);
  CHECK(strstr(content(""), "line 19") != NULL, "%s", content(""));
  CHECK(strstr(content(".1"), "line 15") != NULL, "%s", content(".1"));
  log = fresh(100, 1);
  for (int i = 0; i < 5; i++) says(log, 1, "again\n");
  snprintf(name, sizeof name, "%s.1", path);
  CHECK(stat(name, &st) < 0, "%s", name);
}

static void limit_files(rlim_t bytes) {
  struct rlimit limit = {bytes, RLIM_INFINITY};
  CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0, "%s", strerror(errno));
}

static void tells_what_a_full_disk_swallowed(void) {
  struct log_file *log = fresh(-1, 1);
  signal(SIGXFSZ, SIG_IGN);
  says(log, 1, "before\n");
  limit_files(strlen(content("")) + 20);
  says(log, 1, "lost\n");
  says(log, 2, "lost too\n");
  CHECK(log->dropped == 14, "%llu", (unsigned long long)log->dropped);
  CHECK(strchr(content(""), '\n')[1] == 0, "no part of a record stays: %s", content(""));
  limit_files(RLIM_INFINITY);
  says(log, 1, "after\n");
  CHECK(log->dropped == 0, "%llu", (unsigned long long)log->dropped);
  const char *told =
      strstr(content(""), "{\"log\":\"jcompose: 14 bytes of output were dropped here: File too large\\n\",\"stream\":\"stderr\",");
  CHECK(told != NULL && strstr(told, "{\"log\":\"after\\n\"") != NULL, "%s", content(""));
  struct log_file full = {0};
  CHECK(log_open(&full, "/dev/full", -1, 1) == 0, "open");
  log_write(&full, 1, "lost\n", 5, (struct timespec){0, 0});
  CHECK(full.dropped == 5 && full.why == ENOSPC, "%llu", (unsigned long long)full.dropped);
}

static void puts_attributes_before_the_time(void) {
  struct log_file *log = fresh(-1, 1);
  log->attrs = "{\"tag\":\"web\"}";
  says(log, 1, "one\n");
  CHECK(strcmp(content(""),
               "{\"log\":\"one\\n\",\"stream\":\"stdout\",\"attrs\":{\"tag\":\"web\"},\"time\":\"2001-09-09T01:46:40.12Z\"}\n") == 0,
        "%s", content(""));
}

static void puts_packed_files_where_their_originals_are_now(void) {
  struct log_file *log = fresh(100, 4);
  char name[300];
  struct stat st;
  says(log, 1, "a line that is long enough to fill a file of one hundred bytes with its frame\n");
  says(log, 1, "a second one that makes the first rotate, and is itself as long as is wanted\n");
  snprintf(name, sizeof name, "%s.1", path);
  CHECK(stat(name, &st) == 0, "%s", name);
  snprintf(name, sizeof name, "%s.%llu.tmp", path, (unsigned long long)st.st_ino);
  int fd = open(name, O_CREAT | O_WRONLY, 0600);
  CHECK(write(fd, "packed", 6) == 6 && close(fd) == 0, "%s", name);
  says(log, 1, "third\n"); /* rotates once more while the engine was packing */
  log_packed(log, st.st_ino);
  CHECK(strcmp(content(".2.gz"), "packed") == 0 && *content(".2") == 0 && *content(".1") != 0, "%s", content(".2.gz"));
  for (int i = 0; i < 2; i++) says(log, 1, "a line that is long enough to fill a file of one hundred bytes with its frame\n");
  CHECK(strcmp(content(".3.gz"), "packed") == 0 && *content(".2.gz") == 0, "%s", content(".3.gz"));
  for (int i = 0; i < 2; i++) says(log, 1, "a line that is long enough to fill a file of one hundred bytes with its frame\n");
  CHECK(*content(".3.gz") == 0 && *content(".3") != 0, "%s", content(".3"));
  log_packed(log, 1);
}

static void reads_plans_within_their_bounds(void) {
  uint8_t short_plan[64] = {0};
  uint32_t words[] = {PLAN_MAGIC, PLAN_VERSION, OP_SYNC, 8, 4, 0};
  memcpy(short_plan, words, sizeof words);
  memcpy(short_plan + 20, "abc", 4);
  struct cursor c;
  struct op_view view;
  uint32_t index = 0;
  CHECK(plan_open(short_plan, 24, &c) && plan_next(&c, &index, &view), "open");
  CHECK(strcmp(get_str(&view.arg), "abc") == 0 && !view.arg.bad, "text");
  CHECK(get_u32(&view.arg) == 0 && view.arg.bad, "past the end");
  CHECK(!plan_next(&c, &index, &view) && !c.bad, "end");
  for (size_t len = 0; len < 24; len++) { /* cut anywhere: never past the end, never accepted as whole */
    index = 0;
    if (!plan_open(short_plan, len, &c)) continue;
    while (plan_next(&c, &index, &view)) get_str(&view.arg);
    CHECK(len == 8 || c.bad, "%zu", len);
  }
  srand(1);
  for (int round = 0; round < 100000; round++) {
    uint8_t noise[48];
    for (size_t i = 0; i < sizeof noise; i++) noise[i] = (uint8_t)(rand() & (rand() % 4 ? 0x0f : 0xff));
    memcpy(noise, words, 8);
    index = 0;
    if (plan_open(noise, sizeof noise, &c))
      while (plan_next(&c, &index, &view))
        while (!view.arg.bad && view.arg.at < view.arg.end) get_str(&view.arg);
  }
}

/* A plan as the engine encodes it, put together by words and texts. */
static uint8_t plan[4096];
static size_t plan_fill, op_at;

static void word(uint32_t value) {
  memcpy(plan + plan_fill, &value, sizeof value);
  plan_fill += sizeof value;
}

static void bytes(const void *data, uint32_t len) {
  word(len);
  memcpy(plan + plan_fill, data, len);
  plan_fill += len;
}

static void text(const char *value) { bytes(value, (uint32_t)strlen(value) + 1); }

static void op(uint32_t code) {
  op_at = plan_fill;
  word(code);
  word(0);
}

static void call(long nr, uint32_t result, uint64_t may, uint32_t skipped) {
  op(OP_CALL);
  word((uint32_t)nr);
  word(result);
  word((uint32_t)may);
  word((uint32_t)(may >> 32));
  word(skipped);
}

static void number(uint64_t value) {
  word(ARG_NUMBER);
  word((uint32_t)value);
  word((uint32_t)(value >> 32));
}

static void a_register(uint32_t value) {
  word(ARG_REGISTER);
  word(value);
}

static void memory_of(uint32_t size, uint32_t at) {
  word(ARG_MEMORY);
  word(size);
  word(at);
}

/* Carries the operation out that was written last: what it fails with, or how many it skips. */
static int outcome(void) {
  struct failure f = {0};
  struct op_view view = {.code = (uint16_t)plan[op_at], .arg = {plan + op_at + 8, plan + plan_fill, false}};
  int result = carry_out(&view, &f);
  plan_fill = 0;
  return result < 0 ? -f.err : view.arg.bad ? -EPROTO : result;
}

static int opened(uint32_t number) {
  uint8_t word[4];
  memcpy(word, &number, sizeof word);
  return take_register(&(struct cursor){word, word + 4, false});
}

static void calls_the_kernel_and_keeps_what_it_opens(void) {
  call(SYS_openat, 7, 0, 0), number((uint64_t)AT_FDCWD), word(ARG_BYTES), text("/dev/null"), number(O_RDONLY | O_CLOEXEC);
  CHECK(outcome() == 0 && opened(7) > 2, "open");
  int first = opened(7);
  call(SYS_dup3, 7, 0, 0), a_register(7), number((uint64_t)first + 20), number(O_CLOEXEC);
  CHECK(outcome() == 0 && opened(7) == first + 20, "a new number");
  CHECK(fcntl(first, F_GETFD) < 0, "the one before is closed");
  call(SYS_fcntl, NO_REGISTER, 0, 0), a_register(8), number(F_GETFD);
  CHECK(outcome() == -EBADF, "an empty register");
  set_register(7, -1);
  CHECK(opened(7) == -1 && fcntl(first + 20, F_GETFD) < 0, "closed");
}

static void an_error_may_be_none_and_skip(void) {
  call(SYS_close, NO_REGISTER, 0, 3), number(9999);
  CHECK(outcome() == -EBADF, "fails");
  call(SYS_close, NO_REGISTER, 1 << EBADF, 3), number(9999);
  CHECK(outcome() == 3, "skips");
  call(SYS_close, NO_REGISTER, 1 << ENOENT, 3), number(9999);
  CHECK(outcome() == -EBADF, "another error");
  call(SYS_getpid, NO_REGISTER, 1 << EBADF, 3);
  CHECK(outcome() == 0, "success skips nothing");
  call(SYS_getpid, NO_REGISTER, 1 << EBADF | 1, 3);
  CHECK(outcome() == 3, "or it does");
  call(SYS_close, NO_REGISTER, 1 << EBADF | 1, 3), number(9999);
  CHECK(outcome() == 0, "and then an error does not");
  call(SYS_openat, NO_REGISTER, 1ull << 63, 2), number((uint64_t)AT_FDCWD), word(ARG_BYTES), text("/"), number(O_TMPFILE | O_RDONLY);
  CHECK(outcome() == -EINVAL, "one below the last bit");
  call(SYS_setsockopt, NO_REGISTER, 1ull << 63, 2), number(0), number(SOL_SOCKET), number(1), number(0), number(0);
  CHECK(outcome() == 2, "ENOTSOCK is above 62");
}

static void looks_at_what_the_kernel_wrote(void) {
  static const uint8_t bits[] = {0xff, 0x0f};
  call(SYS_getcwd, NO_REGISTER, 0, 0), memory_of(4096, 0), number(4096);
  CHECK(chdir("/tmp") == 0 && outcome() == 0, "getcwd");
  op(OP_CHECK), word(0), word(0xff), word('/'), word(ENOENT);
  CHECK(outcome() == 0, "a slash");
  op(OP_CHECK), word(1), word(0xff), word('/'), word(EXDEV);
  CHECK(outcome() == -EXDEV, "no slash");
  op(OP_KEEP), bytes(bits, 2), word(0);
  CHECK(outcome() == 0, "keep");
  op(OP_CHECK), word(0), word(0xffffff), word('/' | ('t' & 0x0f) << 8 | 'm' << 16), word(EXDEV);
  CHECK(outcome() == 0, "only some bits are left");
}

static void stays_in_its_bounds(void) {
  static const uint8_t four[4];
  call(SYS_getpid, 9216, 0, 0);
  CHECK(outcome() == -EPROTO, "a result behind the last register");
  call(SYS_getpid, NO_REGISTER, 0, 0), a_register(9216);
  CHECK(outcome() == -EPROTO, "a register behind the last");
  call(SYS_getpid, NO_REGISTER, 0, 0), memory_of(4608, 0);
  CHECK(outcome() == 0, "all of the memory");
  for (uint32_t i = 0; i < 3; i++) {
    call(SYS_getpid, NO_REGISTER, 0, 0), memory_of(i == 2 ? ~0u : 4608 + i, i == 0 ? 1 : 0);
    CHECK(outcome() == -EPROTO, "more than the memory: %u", i);
  }
  for (uint32_t at = 0; at < 3; at++) {
    call(SYS_getpid, NO_REGISTER, 0, 0), word(ARG_PATCHED), bytes(four, 4), word(at == 2 ? ~0u : at), word(8);
    CHECK(outcome() == (at == 0 ? 0 : -EPROTO), "behind what is patched: %u", at);
  }
  call(SYS_getpid, NO_REGISTER, 0, 0), word(99), word(0);
  CHECK(outcome() == -EPROTO, "an unknown kind");
  call(SYS_getpid, NO_REGISTER, 0, 0);
  for (int i = 0; i < 7; i++) number(0);
  CHECK(outcome() == -EPROTO, "seven arguments");
  op(OP_KEEP), bytes(four, 4), word(4605);
  CHECK(outcome() == -EPROTO, "keep");
  op(OP_CHECK), word(4605), word(0), word(0), word(0);
  CHECK(outcome() == -EPROTO, "check");
  op(99);
  CHECK(outcome() == -ENOSYS, "an unknown operation");
}

static void puts_descriptors_and_modes_into_arguments(void) {
  char name[300], content[16] = "";
  snprintf(name, sizeof name, "%s/patched", dir);
  call(SYS_openat, 9, 0, 0), number((uint64_t)AT_FDCWD), word(ARG_BYTES), text(name), number(O_CREAT | O_RDWR), number(0640);
  CHECK(outcome() == 0, "%s", name);
  int32_t fd = opened(9), got;
  call(SYS_write, NO_REGISTER, 0, 0), a_register(9), word(ARG_PATCHED), bytes("abcdefgh", 8), word(2), word(9), number(8);
  CHECK(outcome() == 0 && pread(fd, content, 15, 0) == 8, "write");
  memcpy(&got, content + 2, 4);
  CHECK(got == fd && content[0] == 'a' && content[6] == 'g', "%d", got);
  call(SYS_statx, NO_REGISTER, 0, 0), a_register(9), word(ARG_BYTES), text(""), number(AT_EMPTY_PATH), number(3), memory_of(256, 0);
  CHECK(outcome() == 0, "statx");
  call(SYS_pwrite64, NO_REGISTER, 0, 0), a_register(9), word(ARG_OCTAL), word(28), number(4), number(0);
  CHECK(outcome() == 0 && pread(fd, content, 4, 0) == 4 && strcmp(content, "640") == 0, "%s", content);
  set_register(9, -1);
}

static int makes(const char *what, uint32_t flags, uint32_t like) {
  op(OP_PATH), word(11), word(12), word(flags), word(like), text(what);
  return outcome();
}

static void makes_what_is_missing_in_a_root(void) {
  char name[300];
  struct stat st;
  snprintf(name, sizeof name, "%s/root", dir);
  CHECK(mkdir(name, 0700) == 0, "%s", name);
  set_register(11, open(name, O_PATH | O_DIRECTORY));
  CHECK(makes("/a//b/c", 0, NO_REGISTER) == 0 && fstatat(opened(11), "a/b/c", &st, 0) == 0 && S_ISDIR(st.st_mode), "directories");
  set_register(13, open("/dev/null", O_PATH));
  CHECK(makes("/a/file", 0, 13) == 0 && fstatat(opened(11), "a/file", &st, 0) == 0 && S_ISREG(st.st_mode), "a file");
  op(OP_ALIKE), word(12), word(13);
  CHECK(outcome() == 0, "both are no directories");
  op(OP_ALIKE), word(11), word(13);
  CHECK(outcome() == -ENOTDIR, "one is");
  CHECK(makes("/a/file/x", 0, NO_REGISTER) == -ENOTDIR, "below a file");
  CHECK(symlinkat("/run/../new/place", opened(11), "link") == 0 && makes("/link/x", 0, NO_REGISTER) == 0, "%s", strerror(errno));
  CHECK(fstatat(opened(11), "new/place/x", &st, 0) == 0, "where a link leads, in this root");
  CHECK(makes("/link/x", PATH_NO_SYMLINKS, NO_REGISTER) == -ELOOP, "no link is wanted");
  CHECK(symlinkat("loop", opened(11), "loop") == 0 && makes("/loop", 0, NO_REGISTER) == -ELOOP, "a loop");
  op(OP_PATH), word(11), word(9216), word(0), word(NO_REGISTER), text("/a");
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
  struct child_context ctx = {.pidfd = -1};
  struct proc p;
  struct failure f = {0};
  task.id = "test";
  task.cgroups[0] = (struct cgroup){"/nonexistent/group", CG_JOIN | CG_CLONE_INTO};
  task.cgroup_count = 1;
  CHECK(launch((const uint8_t *)"", 0, 0, 0, &ctx, &p, &f) < 0 && f.err == ENOENT, "%s: %d", f.what, f.err);
  CHECK(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD, "no child");
  task.cgroup_count = 0;
}

/* What a child says in turn, each by a test's own child. */
static enum { SILENT, STARTS_WELL, FAILS, LACKS_TERMINAL, SAYS_LITTLE } act;

static void says_its_part(int sync) {
  char answer;
  int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  switch (act) {
    case SILENT:
      for (;;) pause();
    case STARTS_WELL:
      say(sync, &(struct message){.what = SAYS_READY}, -1);
      if (recv(sync, &answer, 1, 0) != 1 || answer != 'G') _exit(1);
      say(sync, &(struct message){.what = SAYS_TERMINAL}, null);
      say(sync, &(struct message){.what = SAYS_PROCESS, .pid = getpid()}, null);
      if (recv(sync, &answer, 1, 0) != 1) _exit(1);
      close(sync);
      for (;;) pause();
    case FAILS: say(sync, &(struct message){.what = SAYS_FAILED, .failure = {5, OP_EXEC, ENOENT, "Path P"}}, -1); break;
    case LACKS_TERMINAL: say(sync, &(struct message){.what = SAYS_TERMINAL}, -1); break;
    case SAYS_LITTLE: send(sync, "short", 5, 0);
  }
  pause();
}

static int launch_as(int part, struct proc *p, struct failure *f) {
  struct child_context ctx = {.pidfd = -1};
  act = part;
  return launch((const uint8_t *)"", 0, 0, 0, &ctx, p, f);
}

static void hears_what_a_child_says(void) {
  struct failure f = {0};
  struct proc p;
  CHECK(launch_as(STARTS_WELL, &p, &f) == 0 && p.pid > 0 && p.pidfd >= 0 && p.fd[1] >= 0, "starts: %s", f.what);
  kill(p.pid, SIGKILL);
  CHECK(waitpid(p.pid, NULL, 0) == p.pid, "it was left running");
  release(&p);
  CHECK(launch_as(FAILS, &p, &f) == -1 && f.index == 5 && f.err == ENOENT && strcmp(f.what, "Path P") == 0, "failure: %s", f.what);
  CHECK(launch_as(LACKS_TERMINAL, &p, &f) == -1 && f.err == EPROTO, "a terminal that did not come: %s", f.what);
  CHECK(launch_as(SAYS_LITTLE, &p, &f) == -1 && f.err == EPROTO, "a short message: %s", f.what);
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
  char file[300];
  int status = 0;
  pid_t one = waiting_child(true), other = waiting_child(false);
  snprintf(path, sizeof path, "%s/group", dir);
  snprintf(file, sizeof file, "%s/cgroup.procs", path);
  CHECK(mkdir(path, 0700) == 0, "%s", path);
  FILE *procs = fopen(file, "w");
  fprintf(procs, "%d\n%d\n0\n", one, other);
  fclose(procs);
  task.cgroups[0] = (struct cgroup){path, CG_JOIN};
  task.cgroup_count = 1;
  kill_session(one);
  CHECK(waitpid(one, &status, 0) == one && WTERMSIG(status) == SIGKILL, "of the session");
  CHECK(waitpid(other, &status, WNOHANG) == 0, "not of it");
  kill_cgroups();
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
    task.cgroups[i] = (struct cgroup){names[i], CG_JOIN};
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
  puts_packed_files_where_their_originals_are_now();
  reads_plans_within_their_bounds();
  calls_the_kernel_and_keeps_what_it_opens();
  an_error_may_be_none_and_skip();
  looks_at_what_the_kernel_wrote();
  stays_in_its_bounds();
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
