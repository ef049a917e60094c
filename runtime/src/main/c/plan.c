/* Plans: calls of the kernel as the engine has written them. Descriptors stay in registers, what the kernel tells in a small memory; only
 * the making of paths needs more than one call in a row. man 2 syscall, openat2. */
#include "shim.h"

#include <linux/openat2.h>

#define HEAD (4 * sizeof(uint32_t))
#define ARGUMENTS 6
#define REGISTERS 9216 /* a container may have 8192 binds, each of them a descriptor until it is mounted */
#define MEMORY 4608 /* a path and a little more */
#define DEPTH 64

/* The arguments of all that is no call; those are as the kernel takes them. */
static const char *const kinds[] = {
    [OP_PATH] = "rdrn",  [OP_CHECK] = "mnnn", [OP_PATCH] = "dr",    [OP_TASK] = "dddnn", [OP_LOG] = "dnnndn",
    [OP_CGROUP] = "dn",  [OP_FIGURE] = "d",   [OP_RUNTIME] = "ddd", [OP_CHILD] = "d",    [OP_SYNC] = "",
    [OP_TERMINAL] = "r", [OP_GO_ON] = "n",    [OP_SECCOMP] = "dn",  [OP_CLOSE] = "",     [OP_EXEC] = "llll"};

static int registers[REGISTERS]; /* one more than the descriptor, so that all are none at first and none is written before its use */
static _Alignas(8) uint8_t memory[MEMORY + 8]; /* CHECK reads four bytes, also of a part that is said to be smaller */

bool plan_open(struct plan *plan, uint8_t *at, size_t len) {
  uint32_t head[4] = {0}; /* magic, version, count, first */
  if (len < HEAD || at[len - 1] != 0) return false;
  memcpy(head, at, HEAD);
  if (head[0] != PLAN_MAGIC || head[1] != PLAN_VERSION || head[2] > (len - HEAD) / sizeof(struct op)) return false;
  *plan = (struct plan){at, len, head[2], head[3]};
  return true;
}

bool plan_within(struct plan *plan, const struct plan *outer, long at) {
  return plan_open(plan, (uint8_t *)at, outer->len - (size_t)((uint8_t *)at - outer->at));
}

int failed(struct failure *f, int err, const char *call, const char *subject) {
  *f = (struct failure){.err = err};
  snprintf(f->what, sizeof f->what, "%s %s", call, subject);
  return -1;
}

/* A register has one descriptor: the one before is closed, so that a plan of any length needs no more of them than registers. */
void set_register(uint32_t number, int fd) {
  if (registers[number] > 0) close(registers[number] - 1);
  if (registers[number] != fd + 1) registers[number] = fd + 1;
}

void close_registers(void) {
  for (uint32_t i = 0; i < REGISTERS; i++) set_register(i, -1);
}

void forget_registers(void) { memset(registers, 0, sizeof registers); }

/* Makes pointers of offsets, where they lie, up to the 0 behind the last. */
static long list(const struct plan *plan, uint64_t at) {
  for (uint64_t *text = (uint64_t *)(plan->at + at); plan->at + plan->len >= (uint8_t *)(text + 1); text++) {
    if (*text == 0) return (long)(plan->at + at);
    if (*text >= plan->len) break;
    *text += (uintptr_t)plan->at;
  }
  return 0;
}

/* An argument as the kernel takes it: false where it lies outside of what there is. */
static bool take(const struct plan *plan, char kind, uint64_t value, long *to) {
  uint32_t low = (uint32_t)value, high = (uint32_t)(value >> 32);
  bool inside = value % 8 == 0 && value + 8 <= plan->len && value < plan->len; /* data begins and ends by eights */
  *to = (long)value;
  switch (kind) {
    case 'n': return true;
    case 'r': *to = low < REGISTERS ? registers[low] - 1 : -1; return low < REGISTERS || low == NO_REGISTER;
    case 'm': *to = (long)(memory + low % MEMORY); return low < MEMORY && high <= MEMORY - low;
    case 'w': *to = memory[low % (MEMORY - 1)] | memory[low % (MEMORY - 1) + 1] << 8; return low < MEMORY - 1;
    case 'd': *to = inside ? (long)(plan->at + value) : 0; return inside;
    case 'l': return inside && (*to = list(plan, value)) != 0;
    default: return false;
  }
}

static bool take_all(const struct plan *plan, const struct op *op, long *args) {
  bool known = op->code < sizeof kinds / sizeof *kinds && (op->code == OP_CALL || kinds[op->code]);
  if (!known || (op->code != OP_CALL && strncmp(op->kinds, kinds[op->code], sizeof op->kinds) != 0)) return false;
  for (int i = 0; i < ARGUMENTS && op->kinds[i]; i++)
    if (!take(plan, op->kinds[i], op->args[i], &args[i])) return false;
  return op->result < REGISTERS || op->result == NO_REGISTER;
}

static long call(long nr, const long *args) {
  long got;
  int tries = 0;
  do got = syscall(nr, args[0], args[1], args[2], args[3], args[4], args[5]);
  while (got < 0 && (errno == EINTR || (errno == EAGAIN && nr == SYS_openat2 && ++tries < 64))); /* a rename on the way */
  return got;
}

static int resolve(int root, const char *path, bool no_symlinks) {
  struct open_how how = {.flags = O_PATH | O_CLOEXEC,
                         .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | (no_symlinks ? RESOLVE_NO_SYMLINKS : 0)};
  return (int)call(SYS_openat2, (long[]){root, (long)(*path ? path : "."), (long)&how, sizeof how, 0, 0});
}

/* Opens a path in the root, making what is missing: directories, and at the end a file if asked. Nothing in an image leads outside. A link
 * to what is not there, such as /etc/resolv.conf to /run, has that made, in this root. */
static int make_path(int root, const char *path, bool file, bool no_symlinks, int depth) {
  char parent[PATH_MAX], link[PATH_MAX], target[2 * PATH_MAX];
  int fd = resolve(root, path, no_symlinks);
  if (fd >= 0 || errno != ENOENT) return fd;
  if (depth == DEPTH) return errno = ELOOP, -1;
  size_t len = strnlen(path, sizeof parent - 1);
  while (len > 0 && path[len - 1] == '/') len--;
  snprintf(parent, sizeof parent, "%.*s", (int)len, path);
  char *slash = strrchr(parent, '/'), *name = slash ? slash + 1 : parent;
  if (slash) *slash = 0;
  int dir = make_path(root, slash ? parent : "", false, no_symlinks, depth + 1);
  if (dir < 0) return -1;
  int made = file ? openat(dir, name, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY | O_CLOEXEC, 0644) : mkdirat(dir, name, 0755);
  if (made > 0) close(made);
  if (made >= 0 || errno == EEXIST) fd = resolve(root, path, no_symlinks);
  ssize_t n = fd < 0 && errno == ENOENT && !no_symlinks ? readlinkat(dir, name, link, sizeof link) : -1;
  if (n > 0) {
    snprintf(target, sizeof target, "%s/%.*s", link[0] == '/' || !slash ? "" : parent, (int)n, link);
    fd = make_path(root, target, file, no_symlinks, depth + 1);
  }
  close(dir);
  return fd;
}

static long common(const struct op *op, const long *args) {
  struct stat st;
  uint32_t have;
  switch (op->code) {
    case OP_CALL: return call(op->nr, args);
    case OP_PATH: /* the third is a file, where not a directory is wanted but something of that kind */
      return make_path((int)args[0], (const char *)args[1], fstat((int)args[2], &st) == 0 && !S_ISDIR(st.st_mode), args[3] != 0, 0);
    case OP_PATCH: memcpy((void *)args[0], &(int){(int)args[1]}, sizeof(int)); return 0;
    default:
      memcpy(&have, (void *)args[0], sizeof have);
      errno = (int)args[3];
      return (have & (uint32_t)args[1]) == (uint32_t)args[2] ? 0 : -1;
  }
}

/* The errors that an operation may have are bits of a mask, the last one for all from 63 on. One of them skips the operations that
 * follow; or, with bit 0, success does. */
int carry_out(const struct plan *plan, long (*other)(const struct plan *, const struct op *, const long *), struct failure *f) {
  struct op op;
  for (uint32_t i = 0; i < plan->count; i++) {
    long args[ARGUMENTS] = {0}, got = -1;
    memcpy(&op, plan->at + HEAD + i * sizeof op, sizeof op);
    if (!take_all(plan, &op, args)) errno = EPROTO, op.may = 0;
    else got = op.code >= OP_CALL && op.code <= OP_CHECK ? common(&op, args) : other(plan, &op, args);
    if (got < 0 && !(op.may >> ((unsigned)errno < 63 ? errno : 63) & 1)) {
      *f = (struct failure){plan->first + i, op.code, errno, ""};
      return -1;
    }
    if (got >= 0 && op.result != NO_REGISTER) set_register(op.result, (int)got);
    if ((got >= 0) == (op.may & 1)) i += op.skip;
  }
  return 0;
}

int write_file(const char *path, const char *data) {
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return -1;
  int result = write(fd, data, strlen(data)) < 0 ? -1 : 0, err = errno;
  close(fd);
  return errno = err, result;
}
