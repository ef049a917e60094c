/* The shim's real loop with execs that write much to slow clients: each byte arrives once, in its own session, and none beyond a buffer
 * (built with AddressSanitizer). */
#include "fuzz_frames.c"

#include <stdio.h>

#define CLIENTS 2
#define BLOCK 60000

static uint64_t written[CLIENTS][3], heard[CLIENTS][3];
static struct {
  uint8_t bytes[2 * OUT_MAX];
  size_t fill;
} inbox[CLIENTS];

static void require(bool holds, const char *what) {
  if (holds) return;
  fprintf(stderr, "loop test: %s\n", what);
  exit(1);
}

/* What a stream writes at a place: told apart by process and stream, and never a head of a frame. */
static uint8_t content(int who, int stream, uint64_t at) { return (uint8_t)(0x40 + who * 0x20 + stream * 0x10 + at % 13); }

static void start(int client, uint8_t arg) {
  uint8_t frame[] = {F_EXEC, arg, 0, 0, 16, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 'J', 'C', 'P', '1', PLAN_VERSION, 0, 0, 0};
  connect_client(client, true);
  require(write(clients[client], frame, sizeof frame) == (ssize_t)sizeof frame, "the request is sent");
  for (int turns = 0; turns < 3; turns++) serve(0);
  require(task.procs[client + 1].pid != 0, "the exec runs");
}

static void write_some(int who, int stream) {
  static uint8_t block[BLOCK];
  for (size_t i = 0; i < sizeof block; i++) block[i] = content(who, stream, written[who][stream] + i);
  ssize_t n = write(ends[who + 1][stream], block, sizeof block);
  if (n > 0) written[who][stream] += (uint64_t)n;
}

/* Reads so much, and checks the frames that are whole. */
static void hear_some(int who, size_t most) {
  ssize_t n = read(clients[who], inbox[who].bytes + inbox[who].fill, most);
  if (n > 0) inbox[who].fill += (size_t)n;
  uint8_t *at = inbox[who].bytes, *end = at + inbox[who].fill;
  while (end - at >= FRAME_HEAD) {
    uint32_t len;
    memcpy(&len, at + 4, 4);
    require(at[0] == F_OUT || at[0] == F_STARTED, "only its own frames come to a client");
    require(len <= CHUNK, "a frame is as long as what was read");
    if (end - at < (ptrdiff_t)(FRAME_HEAD + len)) break;
    for (uint32_t i = 0; at[0] == F_OUT && i < len; i++)
      require(at[FRAME_HEAD + i] == content(who, at[1], heard[who][at[1]] + i), "each byte in its place");
    if (at[0] == F_OUT) heard[who][at[1]] += len;
    at += FRAME_HEAD + len;
  }
  memmove(inbox[who].bytes, at, inbox[who].fill = (size_t)(end - at));
}

static void two_execs_with_both_streams_busy(void) {
  open_task();
  for (int who = 0; who < CLIENTS; who++) start(who, 0);
  for (unsigned turn = 0; turn < 3000; turn++) {
    for (int who = 0; who < CLIENTS; who++) {
      write_some(who, 1);
      write_some(who, 2);
      if (turn % 3 != (unsigned)who) hear_some(who, 4096);
    }
    serve(0);
  }
  for (int who = 0; who < CLIENTS; who++)
    for (int turn = 0; turn < 1000 && (heard[who][1] < written[who][1] || heard[who][2] < written[who][2]); turn++) {
      hear_some(who, 4096);
      serve(0);
    }
  for (int who = 0; who < CLIENTS; who++)
    for (int stream = 1; stream <= 2; stream++)
      require(heard[who][stream] == written[who][stream] && heard[who][stream] > 100000, "all that was written is heard");
  close_task();
}

/* A plan that is longer than a frame of another kind may be comes whole, in pieces. */
static void an_exec_with_many_words(void) {
  static uint8_t plan[3 * 1024 * 1024];
  uint32_t words[] = {0, 1, PLAN_MAGIC, PLAN_VERSION, OP_EXEC, sizeof plan - 24, sizeof plan - 28}, size = sizeof plan;
  uint8_t head[FRAME_HEAD] = {F_EXEC};
  memcpy(plan, words, sizeof words);
  memset(plan + sizeof words, 'x', sizeof plan - sizeof words - 1);
  memcpy(head + 4, &size, 4);
  open_task();
  connect_client(0, false);
  require(write(clients[0], head, sizeof head) == (ssize_t)sizeof head, "the head is sent");
  for (size_t done = 0; done < sizeof plan;) {
    ssize_t n = write(clients[0], plan + done, sizeof plan - done);
    if (n > 0) done += (size_t)n;
    serve(0);
  }
  for (int turns = 0; turns < 5; turns++) serve(0);
  require(task.procs[1].pid != 0, "the long plan is begun");
  close_task();
}

/* The end of input for a terminal that is full waits until the program has read. */
static void an_end_of_input_is_not_lost(void) {
  uint8_t frames[] = {F_STDIN, 0, 0, 0, 3, 0, 0, 0, 'e', 'n', 'd', F_STDIN_CLOSE, 0, 0, 0, 0, 0, 0, 0}, got[CHUNK], last = 0;
  static uint8_t fill[CHUNK];
  open_task();
  start(0, 0);
  struct proc *p = &task.procs[1];
  p->slave = open("/dev/null", O_RDONLY); /* it counts as a terminal */
  while (write(p->fd[0], fill, sizeof fill) > 0 || write(p->fd[0], fill, 1) > 0) continue;
  require(write(clients[0], frames, sizeof frames) == (ssize_t)sizeof frames, "the frames are sent");
  for (int turns = 0; turns < 3; turns++) serve(0);
  for (int turns = 0; turns < 10; turns++) {
    ssize_t n = read(ends[1][0], got, turns < 2 ? 1000 : sizeof got);
    if (n > 0) last = got[n - 1];
    serve(0);
  }
  require(last == 4, "the last byte is the end of input");
  close_fd(&p->slave);
  close_task();
}

int main(void) {
  signal(SIGPIPE, SIG_IGN);
  two_execs_with_both_streams_busy();
  an_exec_with_many_words();
  an_end_of_input_is_not_lost();
  puts("loop tests passed");
  return 0;
}
