/* What an engine answers to the client, through its real loop: an answer's head, then frames, in as many pieces as the input says.
 * Nothing is shown, no signal is handled and no program is executed. Links with runtime's fuzz_main.c or with libFuzzer.
 * An input: a byte for how much is sent at a time, then what the engine sends. */
#include <errno.h>
#include <poll.h>
#include <sanitizer/asan_interface.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

static jmp_buf ended;
static const uint8_t *sent;
static size_t sent_len, piece;

__attribute__((noreturn)) static void leave(int code) { longjmp(ended, (code & 0xff) + 1); }
static int unsaid(FILE *to, const char *format, ...) { return to == NULL ? 0 : (int)strlen(format); }
static ssize_t unseen(int fd, const void *data, size_t len) {
  volatile uint8_t sum = (uint8_t)fd;
  for (size_t i = 0; i < len; i++) sum ^= ((const uint8_t *)data)[i]; /* a read past the end is seen */
  return (ssize_t)len;
}

/* The socket: pieces of the input, then its end. The room behind a piece may not be read. */
static ssize_t given(void *to, size_t len, int flags) {
  (void)flags;
  size_t n = piece < len ? piece : len;
  if (n > sent_len) n = sent_len;
  ASAN_UNPOISON_MEMORY_REGION(to, len);
  memcpy(to, sent, n);
  ASAN_POISON_MEMORY_REGION((uint8_t *)to + n, len - n);
  sent += n;
  sent_len -= n;
  return (ssize_t)n;
}
static int ready(struct pollfd *wait, nfds_t count, int timeout) {
  for (nfds_t i = 0; i < count; i++) wait[i].revents = wait[i].fd == 0 || i == 0 ? wait[i].events & (POLLIN | POLLOUT) : 0;
  return timeout > 0 ? 0 : 1;
}

static int handles(const struct sigaction *action, struct sigaction *old) {
  if (old) *old = (struct sigaction){.sa_handler = SIG_DFL};
  return action || old ? 0 : -1;
}
static int modes(const struct termios *set, struct termios *got) {
  if (got) *got = (struct termios){0};
  return set || got ? 0 : -1;
}
static ssize_t unread(int fd, void *to) { return to == NULL ? fd : 0; }
static int executes(const char *path) { return *path ? (errno = ENOENT, -1) : 0; }

#define main client_main
#define exit leave
#define fprintf unsaid
#define write unseen
#define read(fd, to, len) unread(fd, to)
#define recv(fd, to, len, flags) given(to, len, flags)
#define poll ready
#define send(fd, data, len, flags) unseen(fd, data, len)
#define execve(path, words, variables) executes(path)
#define sigaction(number, action, old) handles(action, old)
#define signal(number, by) ((void)(number))
#define raise(number) ((void)(number))
#define tcgetattr(fd, to) modes(NULL, to)
#define tcsetattr(fd, when, from) modes(from, NULL)
#define isatty(fd) (0)
#include "../../main/c/client.c"
#undef main

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size == 0) return 0;
  piece = data[0] + 1u;
  sent = data + 1;
  sent_len = size - 1;
  arguments = (char *[]){"jcompose", NULL};
  environment = arguments + 1;
  if (setjmp(ended) == 0 && read_status() == TAKEN_OVER) serve();
  for (struct place *p = places; p < places + place_count; p++) {
    free(p->container);
    free(p->at);
    *p = (struct place){NULL, NULL};
  }
  input.len = pending_len = 0;
  place_count = 0;
  engine = -1;
  is_changed = 0;
  wants_input = has_shown = follows = false;
  return 0;
}
