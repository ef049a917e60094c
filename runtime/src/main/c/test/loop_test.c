/* The shim's real loop with processes that write much to slow clients: each byte arrives once, in its stream, and none beyond a buffer
 * (built with AddressSanitizer). */
#include "fuzz_frames.c"

#define BLOCK 60000
/* A plan of no operations. */
#define EXEC_FRAME(flags) \
  { F_EXEC, flags, 0, 0, 16, 0, 0, 0, 'J', 'C', 'P', '1', PLAN_VERSION, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }

static uint64_t written[3], heard[3];
static struct {
  uint8_t bytes[2 * OUT_MAX];
  size_t fill;
} inbox;

static void require(bool holds, const char *what) {
  if (holds) return;
  fprintf(stderr, "loop test: %s\n", what);
  exit(1);
}

/* What a stream writes at a place: told apart by stream, and never a head of a frame. */
static uint8_t content(int stream, uint64_t at) { return (uint8_t)(0x40 + stream * 0x10 + at % 13); }

static void send_to_shim(const uint8_t *frames, size_t len) {
  require(write(clients[0], frames, len) == (ssize_t)len, "the frames are sent");
  for (int turns = 0; turns < 3; turns++) serve(0);
}

static void start(bool narrow) {
  uint8_t frame[] = EXEC_FRAME(TASK_STDIN);
  connect_client(0, narrow);
  send_to_shim(frame, sizeof frame);
  require(task.is_exec && task.proc.pid != 0, "the exec runs");
}

static void write_some(int stream) {
  static uint8_t block[BLOCK];
  for (size_t i = 0; i < sizeof block; i++) block[i] = content(stream, written[stream] + i);
  ssize_t n = write(ends[stream], block, sizeof block);
  if (n > 0) written[stream] += (uint64_t)n;
}

/* Reads so much, and checks the frames that are whole; returns the type of the last one. */
static uint8_t hear_some(size_t most) {
  uint8_t last = 0;
  ssize_t n = read(clients[0], inbox.bytes + inbox.fill, most);
  if (n > 0) inbox.fill += (size_t)n;
  uint8_t *at = inbox.bytes, *end = at + inbox.fill;
  while (end - at >= FRAME_HEAD) {
    uint32_t len;
    memcpy(&len, at + 4, 4);
    require(at[0] == F_OUT || at[0] == F_STARTED || at[0] == F_ENDED, "only its own frames come to a client");
    require(len <= CHUNK, "a frame is as long as what was read");
    if (end - at < (ptrdiff_t)(FRAME_HEAD + len)) break;
    for (uint32_t i = 0; at[0] == F_OUT && i < len; i++)
      require(at[FRAME_HEAD + i] == content(at[1], heard[at[1]] + i), "each byte in its place");
    if (at[0] == F_OUT) heard[at[1]] += len;
    last = at[0];
    at += FRAME_HEAD + len;
  }
  memmove(inbox.bytes, at, inbox.fill = (size_t)(end - at));
  return last;
}

/* Writes to both streams, and hears all of it. */
static void keep_both_streams_busy(void) {
  memset(written, 0, sizeof written);
  memset(heard, 0, sizeof heard);
  inbox.fill = 0;
  for (unsigned turn = 0; turn < 3000; turn++) {
    write_some(1);
    write_some(2);
    if (turn % 3 != 0) hear_some(4096);
    serve(0);
  }
  for (int turn = 0; turn < 1000 && (heard[1] < written[1] || heard[2] < written[2]); turn++) {
    hear_some(4096);
    serve(0);
  }
  for (int stream = 1; stream <= 2; stream++)
    require(heard[stream] == written[stream] && heard[stream] > 100000, "all that was written is heard");
}

static void an_exec_with_both_streams_busy(void) {
  open_task();
  start(true);
  keep_both_streams_busy();
  close_task();
}

static void a_lossless_attach_with_both_streams_busy(void) {
  uint8_t frame[] = {F_ATTACH, 2, 0, 0, 0, 0, 0, 0};
  open_task();
  connect_client(0, true);
  send_to_shim(frame, sizeof frame);
  keep_both_streams_busy();
  close_task();
}

/* A client that takes nothing keeps an exec that has ended: what it wrote is not lost, whoever holds its streams. */
static void an_ended_exec_is_heard_to_its_end(void) {
  open_task();
  start(true);
  memset(written, 0, sizeof written);
  memset(heard, 0, sizeof heard);
  for (int turn = 0; turn < 100; turn++) {
    write_some(1);
    write_some(2);
    serve(0);
  }
  require(written[1] > OUT_MAX / 3 && written[2] > OUT_MAX / 3, "more is written than the client took");
  dead = task.proc.pid;
  serve(0);
  require(task.proc.ended && !is_drained(), "output waits for the client");
  for (int turn = 0; turn < 1000 && !is_drained(); turn++) {
    hear_some(4096);
    serve(0);
  }
  require(is_drained(), "its streams are closed, which another still holds");
  for (int turn = 0; turn < 1000 && (heard[1] < written[1] || heard[2] < written[2]); turn++) {
    hear_some(4096);
    serve(0);
  }
  require(heard[1] == written[1] && heard[2] == written[2], "all that was written is heard");
  close_task();
}

/* Its process may be kept from being reaped, by who traces it. */
static void an_exec_without_a_client_ends(void) {
  open_task();
  start(false);
  close_fd(&clients[0]);
  for (int turn = 0; turn < 3; turn++) serve(0);
  require(task.proc.ended && is_drained(), "nothing is left to wait for");
  close_task();
}

/* A container can make orphans faster than they are reaped. */
static void orphans_do_not_keep_others_waiting(void) {
  sigset_t child;
  open_task();
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  sigprocmask(SIG_BLOCK, &child, NULL);
  signal(SIGCHLD, wake);
  orphans = 1000;
  serve(0);
  require(orphans > 900, "the rest is left for later");
  while (orphans > 0) serve(-1); /* which looks for more without being told again */
  signal(SIGCHLD, SIG_DFL);
  sigprocmask(SIG_UNBLOCK, &child, NULL);
  close_task();
}

/* A plan that is longer than a frame of another kind may be comes whole, in pieces, to the exec's shim. */
static uint8_t long_plan[3 * 1024 * 1024];
static size_t long_sent;

static bool send_more(void) {
  ssize_t n = write(clients[0], long_plan + long_sent, sizeof long_plan - long_sent);
  if (n > 0) long_sent += (size_t)n;
  return n > 0;
}

static void an_exec_with_many_words(void) {
  uint32_t words[] = {PLAN_MAGIC, PLAN_VERSION, 1, 0}, size = sizeof long_plan;
  struct op op = {.code = OP_CGROUP, .result = NO_REGISTER, .kinds = "dn", .args = {sizeof words + sizeof op}};
  uint8_t head[FRAME_HEAD] = {F_EXEC};
  memcpy(long_plan, words, sizeof words);
  memcpy(long_plan + sizeof words, &op, sizeof op);
  memset(long_plan + sizeof words + sizeof op, 'x', sizeof long_plan - sizeof words - sizeof op - 1);
  memcpy(head + 4, &size, 4);
  open_task();
  connect_client(0, false);
  feed = send_more;
  send_to_shim(head, sizeof head);
  feed = NULL;
  require(long_sent == sizeof long_plan && task.is_exec && task.proc.pid != 0, "the long plan is begun");
  close_task();
}

/* A frame that does not come whole starts nothing, and its client is told. */
static void an_exec_that_is_cut_off(void) {
  uint8_t frame[] = EXEC_FRAME(0), answer[FRAME_HEAD + 256];
  open_task();
  connect_client(0, false);
  send_to_shim(frame, sizeof frame - 4);
  require(task.is_exec && task.proc.ended && read(clients[0], answer, sizeof answer) > 0 && answer[0] == F_FAILED, "it failed");
  close_task();
}

/* Input that is sent with the request goes to the exec's shim with it. */
static void input_behind_the_request_is_the_execs(void) {
  uint8_t frames[] = EXEC_FRAME(TASK_STDIN),
          input[] = {F_STDIN, 0, 0, 0, 5, 0, 0, 0, 'e', 'a', 'r', 'l', 'y', F_STDIN_CLOSE, 0, 0, 0, 0, 0, 0, 0};
  uint8_t both[sizeof frames + sizeof input], got[8];
  memcpy(both, frames, sizeof frames);
  memcpy(both + sizeof frames, input, sizeof input);
  open_task();
  connect_client(0, false);
  send_to_shim(both, sizeof both);
  require(task.is_exec && read(ends[0], got, sizeof got) == 5 && memcmp(got, "early", 5) == 0, "it is read");
  require(read(ends[0], got, sizeof got) == 0, "and its end");
  close_task();
}

/* The container's shim lets go of their clients, and goes on. */
static void execs_are_others(void) {
  uint8_t frame[] = EXEC_FRAME(0), answer[FRAME_HEAD];
  open_task();
  outcome = STAYS;
  for (int i = 0; i < 2 * CONNS; i++) {
    connect_client(0, false);
    send_to_shim(frame, sizeof frame);
    require(read(clients[0], answer, sizeof answer) < 0 && errno == ECONNRESET, "its shim alone holds the connection");
  }
  require(!task.is_exec && !task.proc.ended && is_alone(), "the task goes on");
  close_task();
}

/* There is no process to kill, whoever has gone: 0 would be all of the shim's own group. */
static void an_exec_that_fails_without_its_client_kills_nobody(void) {
  uint8_t frame[] = EXEC_FRAME(EXEC_WHOLE);
  open_task();
  outcome = FAILS;
  connect_client(0, false);
  require(write(clients[0], frame, sizeof frame) == (ssize_t)sizeof frame, "the request is sent");
  close_fd(&clients[0]);
  for (int turns = 0; turns < 3; turns++) serve(0);
  require(task.is_exec && task.proc.ended && is_alone(), "its shim ends");
  close_task();
}

/* The end of input for a terminal that is full waits until the program has read. */
static void an_end_of_input_is_not_lost(void) {
  uint8_t frames[] = {F_STDIN, 0, 0, 0, 3, 0, 0, 0, 'e', 'n', 'd', F_STDIN_CLOSE, 0, 0, 0, 0, 0, 0, 0}, got[CHUNK], last = 0;
  static uint8_t fill[CHUNK];
  open_task();
  start(false);
  struct proc *p = &task.proc;
  p->slave = open("/dev/null", O_RDONLY); /* it counts as a terminal */
  while (write(p->fd[0], fill, sizeof fill) > 0 || write(p->fd[0], fill, 1) > 0) continue;
  send_to_shim(frames, sizeof frames);
  for (int turns = 0; turns < 10; turns++) {
    ssize_t n = read(ends[0], got, turns < 2 ? 1000 : sizeof got);
    if (n > 0) last = got[n - 1];
    serve(0);
  }
  require(last == 4, "the last byte is the end of input");
  close_fd(&p->slave);
  close_task();
}

int main(void) {
  signal(SIGPIPE, SIG_IGN);
  an_exec_with_both_streams_busy();
  a_lossless_attach_with_both_streams_busy();
  an_ended_exec_is_heard_to_its_end();
  an_exec_without_a_client_ends();
  orphans_do_not_keep_others_waiting();
  an_exec_with_many_words();
  an_exec_that_is_cut_off();
  input_behind_the_request_is_the_execs();
  execs_are_others();
  an_exec_that_fails_without_its_client_kills_nobody();
  an_end_of_input_is_not_lost();
  puts("loop tests passed");
  return 0;
}
