/* What the engine has written as calls of the kernel. Descriptors stay in registers, what the kernel tells in a small memory; only the
 * making of paths needs more than one call in a row. man 2 syscall, openat2. */
#include "shim.h"

#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#define REGISTERS 9216 /* a container may have 8192 binds, each of them a descriptor until it is mounted */
#define MEMORY 4608 /* a path and a little more */
#define LINKS 8

static int registers[REGISTERS]; /* one more than the descriptor, so that all are none at first and none is written before its use */
static _Alignas(8) uint8_t memory[MEMORY];

/* A register has one descriptor: the one before is closed, so that a plan of any length needs no more of them than registers. */
void set_register(uint32_t number, int fd) {
  if (registers[number] > 0) close(registers[number] - 1);
  if (registers[number] != fd + 1) registers[number] = fd + 1;
}

void close_registers(void) {
  for (uint32_t i = 0; i < REGISTERS; i++) set_register(i, -1);
}

void forget_registers(void) { memset(registers, 0, sizeof registers); }

static uint32_t take_number(struct cursor *c) {
  uint32_t number = get_u32(c);
  c->bad |= number >= REGISTERS && number != NO_REGISTER;
  return c->bad ? NO_REGISTER : number;
}

int take_register(struct cursor *c) {
  uint32_t number = take_number(c);
  return number == NO_REGISTER ? -1 : registers[number] - 1;
}

static uint8_t *take_memory(struct cursor *c, uint32_t size) {
  uint32_t at = get_u32(c);
  c->bad |= size > MEMORY || at > MEMORY - size;
  return c->bad ? memory : memory + at;
}

/* Bytes into which a descriptor is put, as mount_attr's of a user namespace; the plan is this process's own to write. */
static long patched(struct cursor *c) {
  uint32_t len, at;
  const uint8_t *bytes = get_bytes(c, &len);
  at = get_u32(c);
  int fd = take_register(c);
  c->bad |= len < sizeof fd || at > len - sizeof fd;
  if (!c->bad) memcpy((uint8_t *)(uintptr_t)bytes + at, &fd, sizeof fd);
  return (long)(uintptr_t)bytes;
}

/* A mode out of the memory in the words of an option. */
static long octal(struct cursor *c) {
  static char text[8];
  uint16_t mode;
  memcpy(&mode, take_memory(c, sizeof mode), sizeof mode);
  snprintf(text, sizeof text, "%o", mode & 07777);
  return (long)(uintptr_t)text;
}

static long argument(struct cursor *c) {
  uint32_t kind = get_u32(c), len;
  switch (kind) {
    case ARG_NUMBER: return (long)get_u64(c);
    case ARG_BYTES: return (long)(uintptr_t)get_bytes(c, &len);
    case ARG_REGISTER: return take_register(c);
    case ARG_MEMORY: len = get_u32(c); return (long)(uintptr_t)take_memory(c, len);
    case ARG_PATCHED: return patched(c);
    case ARG_OCTAL: return octal(c);
    default: c->bad = true; return 0;
  }
}

static long call(uint32_t nr, const long *args) {
  long got;
  int tries = 0;
  do got = syscall(nr, args[0], args[1], args[2], args[3], args[4], args[5]);
  while (got < 0 && (errno == EINTR || (errno == EAGAIN && nr == SYS_openat2 && ++tries < 64))); /* a rename on the way */
  return got;
}

/* The errors that the call may have are bits of a mask, the last one for all from 63 on. One of them skips the operations that
 * follow; or, with bit 0, success does. */
static int op_call(struct op_view *op, struct failure *f) {
  uint32_t nr = get_u32(&op->arg), result = take_number(&op->arg);
  uint64_t may = get_u64(&op->arg);
  uint32_t skipped = get_u32(&op->arg);
  long args[6] = {0};
  for (int i = 0; i < 6 && op->arg.at < op->arg.end && !op->arg.bad; i++) args[i] = argument(&op->arg);
  if (op->arg.bad || op->arg.at < op->arg.end) return failed(f, op, EPROTO, "read", "call");
  long got = call(nr, args);
  if (got < 0 && !(may >> (errno < 63 ? errno : 63) & 1)) return failed(f, op, errno, "call", "");
  if (got >= 0 && result != NO_REGISTER) set_register(result, (int)got);
  return (got >= 0) == (may & 1) ? (int)(skipped & 0xffff) : 0;
}

static int resolve(int root, const char *path, bool no_symlinks) {
  struct open_how how = {.flags = O_PATH | O_CLOEXEC,
                         .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | (no_symlinks ? RESOLVE_NO_SYMLINKS : 0)};
  return (int)call(SYS_openat2, (long[6]){root, (long)(uintptr_t)(*path ? path : "."), (long)(uintptr_t)&how, sizeof how});
}

/* Opens path in the root, making what is missing: directories, and at the end a file if asked. Nothing in an image leads outside. */
static int make_path(int root, const char *path, bool directory, bool no_symlinks, int links) {
  int fd = resolve(root, path, no_symlinks);
  if (fd >= 0 || errno != ENOENT) return fd;
  if (links > LINKS) return errno = ELOOP, -1;
  char prefix[PATH_MAX], link[PATH_MAX], target[PATH_MAX];
  if (strlen(path) >= sizeof prefix) return errno = ENAMETOOLONG, -1;
  int parent = resolve(root, "/", false);
  for (size_t start = strspn(path, "/"), end; parent >= 0 && path[start]; start = end + strspn(path + end, "/")) {
    end = start + strcspn(path + start, "/");
    memcpy(prefix, path, end);
    prefix[end] = 0;
    fd = resolve(root, prefix, no_symlinks);
    if (fd < 0 && errno == ENOENT) {
      bool last = !directory && path[end] == 0;
      int made = last ? openat(parent, prefix + start, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY | O_CLOEXEC, 0644)
                      : mkdirat(parent, prefix + start, 0755);
      if (made < 0 && errno != EEXIST) return -1;
      if (made >= 0 && last) close(made);
      fd = resolve(root, prefix, no_symlinks);
      ssize_t n = fd < 0 && !no_symlinks ? readlinkat(parent, prefix + start, link, sizeof link) : -1;
      if (n > 0) { /* it leads to what is not there, such as /etc/resolv.conf to /run: then that is made, in this root */
        int len = snprintf(target, sizeof target, "%.*s%.*s%s", link[0] == '/' ? 0 : (int)start, prefix, (int)n, link, path + end);
        close(parent);
        return len < (int)sizeof target ? make_path(root, target, directory, no_symlinks, links + 1) : (errno = ENAMETOOLONG, -1);
      }
    }
    close(parent);
    parent = fd;
  }
  return parent;
}

static int op_path(struct op_view *op, struct failure *f) {
  int root = take_register(&op->arg);
  uint32_t result = take_number(&op->arg), flags = get_u32(&op->arg);
  int like = take_register(&op->arg);
  const char *path = get_str(&op->arg);
  struct stat st = {.st_mode = S_IFDIR};
  if (op->arg.bad || result == NO_REGISTER) return failed(f, op, EPROTO, "read", "path");
  if (like >= 0 && fstat(like, &st) < 0) return failed(f, op, errno, "stat", path);
  int fd = make_path(root, path, S_ISDIR(st.st_mode), flags & PATH_NO_SYMLINKS, 0);
  if (fd < 0) return failed(f, op, errno, "make", path);
  set_register(result, fd);
  return 0;
}

static int op_alike(struct op_view *op, struct failure *f) {
  struct stat one, other;
  if (fstat(take_register(&op->arg), &one) < 0 || fstat(take_register(&op->arg), &other) < 0) return failed(f, op, errno, "stat", "");
  return S_ISDIR(one.st_mode) == S_ISDIR(other.st_mode) ? 0 : failed(f, op, ENOTDIR, "compare", "kinds");
}

static int op_check(struct op_view *op, struct failure *f) {
  uint32_t have;
  memcpy(&have, take_memory(&op->arg, sizeof have), sizeof have);
  uint32_t mask = get_u32(&op->arg), wanted = get_u32(&op->arg), err = get_u32(&op->arg);
  return (have & mask) == wanted ? 0 : failed(f, op, (int)err, "check", "");
}

/* Keeps of the memory only the bits that are given. */
static int op_keep(struct op_view *op, struct failure *f) {
  uint32_t len;
  const uint8_t *bits = get_bytes(&op->arg, &len);
  uint8_t *at = take_memory(&op->arg, len);
  if (op->arg.bad) return failed(f, op, EPROTO, "read", "bits");
  for (uint32_t i = 0; i < len; i++) at[i] &= bits[i];
  return 0;
}

static int op_write(struct op_view *op, struct failure *f) {
  const char *path = get_str(&op->arg), *data = get_str(&op->arg);
  uint32_t may = get_u32(&op->arg); /* 0 not fail, 1 fail, 2 find no such file */
  return write_file(path, data) == 0 || may == 1 || (may == 2 && errno == ENOENT) ? 0 : failed(f, op, errno, "write", path);
}

int carry_out(struct op_view *op, struct failure *f) {
  switch (op->code) {
    case OP_CALL: return op_call(op, f);
    case OP_WRITE: return op_write(op, f);
    case OP_PATH: return op_path(op, f);
    case OP_ALIKE: return op_alike(op, f);
    case OP_CHECK: return op_check(op, f);
    case OP_KEEP: return op_keep(op, f);
    default: return failed(f, op, ENOSYS, "unknown", "op");
  }
}
