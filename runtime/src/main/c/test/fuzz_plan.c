/* Plans, through the code that carries them out: the shim's part and the child's. Kernel calls are made up, and succeed or fail by the
 * input's first bytes, so nothing is done. Links with fuzz_main.c or libFuzzer. */
#include "shim.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

struct task task;
static jmp_buf ended;
static const uint8_t *outcomes;
static size_t outcome_count, outcome_at;

/* 1 for a call that succeeds (a file, a child), 0 for one that succeeds with nothing, -1 with an errno for one that fails. */
static long outcome(void) {
  uint8_t byte = outcome_count > 0 ? outcomes[outcome_at++ % outcome_count] : 1;
  errno = byte % 4 == 3 ? byte / 4 : 0;
  return byte % 4 == 3 ? -1 : byte % 4 != 2;
}

#define STUB(name) \
  long __wrap_##name(void); \
  long __wrap_##name(void) { return outcome(); }
STUB(open)
STUB(openat)
STUB(close)
STUB(close_range)
STUB(mkdirat)
STUB(umask)
STUB(prctl)
STUB(recv)
STUB(sendmsg)
STUB(isatty)
STUB(setsid)
STUB(setpgid)
STUB(tcsetpgrp)
STUB(sigprocmask)
STUB(signal)
STUB(execve)
STUB(log_open)
STUB(madvise)
STUB(poll)

/* Calls that give something back besides. */
#define GIVES(name) /* wrapped */
GIVES(_exit)
GIVES(fstat)
GIVES(stat)
GIVES(readlinkat)
GIVES(write)
GIVES(syscall)
void __wrap__exit(int code);
int __wrap_fstat(int fd, struct stat *st);
int __wrap_stat(const char *path, struct stat *st);
ssize_t __wrap_readlinkat(int dir, const char *path, char *target, size_t size);
ssize_t __wrap_write(int fd, const void *data, size_t len);
long __wrap_syscall(long nr, ...);

void __wrap__exit(int code) { longjmp(ended, code + 1000); }
int __wrap_fstat(int fd, struct stat *st) {
  memset(st, 0, sizeof *st);
  if (fd % 2) st->st_mode = outcome() > 0 ? S_IFDIR : S_IFCHR;
  return (int)outcome() < 0 ? -1 : 0;
}
int __wrap_stat(const char *path, struct stat *st) { return __wrap_fstat((int)strlen(path), st); }
ssize_t __wrap_readlinkat(int dir, const char *path, char *target, size_t size) {
  if (dir + (int)*path == 0 || outcome() <= 0) return -1;
  memset(target, 'a', size);
  return outcome() > 0 ? (ssize_t)size : 1;
}
ssize_t __wrap_write(int fd, const void *data, size_t len) { return outcome() < 0 || fd < 0 || data == NULL ? -1 : (ssize_t)len; }
/* Any call that a plan has: each argument may be a pointer, and the first word that it leads to must be readable. */
long __wrap_syscall(long nr, ...) {
  volatile char seen = 0;
  va_list args;
  va_start(args, nr);
  for (int i = 0; i < 6 && nr != SYS_rt_sigaction && nr != SYS_clone && nr != SYS_clone3 && nr != SYS_seccomp; i++) {
    uintptr_t at = va_arg(args, uintptr_t);
    if (at >= (uintptr_t)task.plan.at && at < (uintptr_t)task.plan.at + task.plan.len) seen = *(const char *)at;
  }
  va_end(args);
  (void)seen;
  return outcome();
}
pid_t init_fork(int program, char **words, char **envp) {
  size_t sum = (size_t)program;
  while (*words) sum += strlen(*words++);
  while (*envp) sum += strlen(*envp++);
  longjmp(ended, (int)(sum % 2) + 1);
}
void close_fd(int *fd) { *fd = -1; }
int64_t now_ms(void) { return 0; }

/* An operation's texts are all read, so that none without an end is passed on. */
static void read_all(const char *text) {
  volatile size_t length = text ? strlen(text) : 0;
  (void)length;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static struct child child;
  static pid_t next;
  static uint8_t *space;
  struct failure f = {0};
  size_t head = size > 0 ? (size_t)data[0] + 1 : 0;
  if (head == 0 || head > size || size - head > PLAN_MAX) return 0;
  memset(&task, 0, offsetof(struct task, proc));
  memset(&child, -1, sizeof child);
  child.next = &next;
  outcomes = data + 1;
  outcome_count = head - 1;
  outcome_at = 0;
  uint8_t *exact = realloc(space, size - head > 0 ? size - head : 1);
  if (exact == NULL) return 0;
  space = memcpy(exact, data + head, size - head);
  forget_registers();
  if (!plan_open(&task.plan, space, size - head) || setjmp(ended) != 0 || prepare(&f) < 0) return 0;
  read_all(task.id);
  read_all(task.run_dir);
  read_all(task.exit_path);
  for (int i = 0; i < task.cgroup_count; i++) read_all(task.cgroups[i]);
  for (int i = 0; i < task.figure_count; i++) read_all(task.figures[i]);
  if (task.child.at && setjmp(ended) == 0) child_main(&task.child, &child);
  return 0;
}
