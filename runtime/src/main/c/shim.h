/* jcompose-shim: carries out plans that the engine makes, and holds one container's streams until it ends.
 * Formats: docs/developers/shim-protocol.md. Buffers are static and untouched until used, or mapped as long as they are needed. */
#ifndef JCOMPOSE_SHIM_H
#define JCOMPOSE_SHIM_H

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#define PROTOCOL_VERSION 4 /* of the frames; engines speak this one and all before */
#define PLAN_VERSION 2
#define PLAN_MAGIC 0x3150434au /* "JCP1" */
#define PLAN_MAX (8 * 1024 * 1024) /* the most that the kernel takes as words of a program, twice, and room for the rest */
#define LOG_ATTRS_MAX 16384
#define LOG_TIME_MAX 40
#define FRAME_HEAD 8
#define SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

/* clang-format off */
enum frame {
  F_PLAN = 1, F_WATCH = 2, F_ATTACH = 3, F_EXEC = 4, F_STDIN = 5, F_STDIN_CLOSE = 6, F_RESIZE = 7, F_SIGNAL = 8, F_META = 9,
  F_LOG_PACKED = 10, F_NAMESPACES = 11, F_STARTED = 65, F_FAILED = 66, F_OUT = 67, F_EXIT = 68, F_META_IS = 69, F_LOG_ROTATED = 70
};

enum op {
  /* carried out by the shim, before the clone, up to CHILD; what follows that is the child's, and the last ones only its */
  OP_TASK = 1, OP_META = 2, OP_CGROUP = 3, OP_LOG = 4, OP_RUNTIME = 5, OP_CHILD = 6,
  OP_CALL = 10, OP_WRITE = 11, OP_PATH = 12, OP_ALIKE = 13, OP_CHECK = 14, OP_KEEP = 15,
  OP_SYNC = 20, OP_TERMINAL = 21, OP_FIRST = 22, OP_SECCOMP = 23, OP_CLOSE = 24, OP_EXEC = 25
};

enum argument { ARG_NUMBER = 1, ARG_BYTES = 2, ARG_REGISTER = 3, ARG_MEMORY = 4, ARG_PATCHED = 5, ARG_OCTAL = 6 };
enum preset { OWN_IN = 0, OWN_OUT = 1, OWN_ERR = 2, OWN_TASK = 3 }; /* the child's streams, and the task that an exec is for */
/* clang-format on */

#define NO_REGISTER (~0u)
enum task_flag { TASK_TTY = 1, TASK_STDIN = 2, TASK_KILL_REST = 4, NOT_IN_GROUPS = 1 << 16 /* the shim's own */ };
enum path_flag { PATH_NO_SYMLINKS = 1 };
enum log_flag { LOG_PACK = 1 };
enum cgroup_flag { CG_JOIN = 1, CG_CLONE_INTO = 2, CG_OOM = 4 };

/* A cursor over bytes of a plan; reading past the end sets bad and yields zeros. */
struct cursor {
  const uint8_t *at, *end;
  bool bad;
};
struct op_view {
  uint16_t code;
  uint32_t index;
  struct cursor arg;
};
uint32_t get_u32(struct cursor *c);
uint64_t get_u64(struct cursor *c);
const char *get_str(struct cursor *c);
const uint8_t *get_bytes(struct cursor *c, uint32_t *len);
bool plan_open(const uint8_t *data, size_t len, struct cursor *plan);
bool plan_next(struct cursor *plan, uint32_t *index, struct op_view *op);

/* What failed: the op's index and code in the plan, errno, and on what. */
struct failure {
  uint32_t index, code;
  int32_t err;
  char what[244];
};
int failed(struct failure *f, const struct op_view *op, int err, const char *call, const char *subject);

/* What a child says to its shim until it has executed its program, which is the end of their connection. */
enum said { SAYS_READY, SAYS_TERMINAL, SAYS_PROCESS, SAYS_FAILED };
struct message {
  uint32_t what;
  pid_t pid; /* of PROCESS: the one that takes the child's place; its pidfd comes with it, as does TERMINAL's master */
  struct failure failure;
};
int say(int sync, const struct message *message, int fd);

/* Streams of one process, as the shim holds them; -1 is none. */
struct stdio {
  int in, out, err;
  bool tty;
};
struct child_context {
  int sync, pidfd; /* of the task that it joins */
  int program; /* this one, to be executed again as a container's init */
  struct stdio io; /* the child's ends */
};
__attribute__((noreturn)) void child_main(const uint8_t *plan, size_t len, struct child_context *ctx);

/* calls.c: what both may do. Fails, or says how many of the following operations are skipped. */
int carry_out(struct op_view *op, struct failure *f);
void set_register(uint32_t number, int fd);
void close_registers(void);
void forget_registers(void);
int take_register(struct cursor *c);

/* The launcher's own words in the process list, which init writes over; set once by main. */
extern char *command_words;
extern size_t command_size;
#define INIT_NAME "/sbin/docker-init"
pid_t init_fork(int program, char **words, char **envp);
__attribute__((noreturn)) void init_main(void);

struct log_stream {
  uint32_t fill;
  bool cut;
  char at[LOG_TIME_MAX];
  char line[16384];
};
struct log_file {
  int fd;
  const char *path;
  int64_t size, max_bytes;
  uint32_t max_files, rotations;
  const char *attrs; /* a JSON object for each record, or empty */
  uint64_t dropped; /* bytes of output that could not be written and that no record tells of */
  int why;
  const char *at; /* of the last record */
  struct log_stream streams[2];
};
int log_open(struct log_file *log, const char *path, int64_t max_bytes, uint32_t max_files);
void log_write(struct log_file *log, int stream, const char *data, size_t len, struct timespec at);
void log_finish(struct log_file *log, int stream);
void log_packed(struct log_file *log, uint64_t inode);

/* Runs a task from its plan; never returns. */
__attribute__((noreturn)) void task_main(int conn);
__attribute__((noreturn)) void namespaces_main(int conn);

int write_all(int fd, const void *data, size_t len);
int write_file(const char *path, const char *data);
size_t put_num(char *at, uint64_t value);

#endif
