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

#define PROTOCOL_VERSION 3 /* of the frames; engines speak this one and all before */
#define PLAN_VERSION 1
#define PLAN_MAGIC 0x3150434au /* "JCP1" */
#define PLAN_MAX (8 * 1024 * 1024) /* the most that the kernel takes as words of a program, twice, and room for the rest */
#define LOG_ATTRS_MAX 16384
#define LOG_TIME_MAX 40
#define FRAME_HEAD 8
#define NAMESPACES 8
#define GROUPS 65537 /* one more than the kernel takes (man 2 setgroups), which so refuses what would be cut */
#define SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

/* clang-format off */
enum frame {
  F_PLAN = 1, F_WATCH = 2, F_ATTACH = 3, F_EXEC = 4, F_STDIN = 5, F_STDIN_CLOSE = 6, F_RESIZE = 7, F_SIGNAL = 8, F_META = 9,
  F_LOG_PACKED = 10, F_NAMESPACES = 11, F_STARTED = 65, F_FAILED = 66, F_OUT = 67, F_EXIT = 68, F_META_IS = 69, F_LOG_ROTATED = 70
};

enum op {
  /* carried out by the shim, before the clone */
  OP_TASK = 1, OP_META = 2, OP_NAMESPACE = 3, OP_CGROUP = 4, OP_WRITE = 5, OP_LOG = 6, OP_RUNTIME = 7,
  /* carried out by the child */
  OP_ROOT_SLAVE = 20, OP_OVERLAY = 21, OP_FS = 22, OP_BIND = 23, OP_DEVICE = 24, OP_SYMLINK = 25, OP_MASK = 26, OP_READONLY = 27,
  OP_SYSCTL = 28, OP_PIVOT = 29, OP_HOSTNAME = 30, OP_DOMAINNAME = 31, OP_RLIMIT = 32, OP_CWD = 33, OP_TTY = 34, OP_OOM_SCORE = 35,
  OP_NO_NEW_PRIVS = 36, OP_SECCOMP = 37, OP_CAPS = 38, OP_USER = 39, OP_EXEC = 40, OP_LOOPBACK = 41, OP_KEYRING = 42,
  OP_ROOT_READONLY = 43, OP_SYNC = 44, OP_UNSHARE = 45, OP_JOIN_TASK = 46, OP_MKDIR = 47, OP_SOURCE = 48, OP_COVER = 49, OP_IDMAP = 50,
  OP_USERNS = 51, OP_APPARMOR = 52, OP_ATTRIBUTE = 53, OP_FILE_LABEL = 54, OP_OWN_SYMLINK = 55
};
/* clang-format on */

enum task_flag { TASK_TTY = 1, TASK_STDIN = 2, TASK_KILL_REST = 4, NOT_IN_GROUPS = 1 << 16 /* the shim's own */ };
enum fs_flag { FS_NO_SYMLINKS = 1, FS_MODE_BELOW = 2 };
enum bind_flag { BIND_RECURSIVE = 1, BIND_OWN_FILE = 2 };
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
  int sync, pidfd, userns; /* the user namespace to enter; 0: that of pidfd's process */
  int program; /* this one, to be executed again as a container's init */
  struct stdio io; /* the child's ends */
  int ns_fds[NAMESPACES], ns_types[NAMESPACES], ns_count;
};
__attribute__((noreturn)) void child_main(const uint8_t *plan, size_t len, struct child_context *ctx);
int op_fs(struct op_view *op, struct failure *f);
int op_overlay(struct op_view *op, struct failure *f);
int op_source(struct child_context *ctx, struct op_view *op, struct failure *f);
int op_bind(struct op_view *op, struct failure *f);
int op_device(struct op_view *op, struct failure *f);
int op_symlink(struct op_view *op, struct failure *f);
int op_mask(struct op_view *op, struct failure *f);
int op_readonly(struct op_view *op, struct failure *f);
int op_sysctl(struct op_view *op, struct failure *f);
int op_pivot(struct op_view *op, struct failure *f);
int op_mkdir(struct op_view *op, struct failure *f);
int op_root_readonly(struct op_view *op, struct failure *f);
int root_detach(void);
int root_attach(void);
int open_in(int dir, const char *path, uint64_t flags, uint64_t resolve);
int make_fs(const char *type, const char *options, uint32_t attributes);
int configure(int fs, const char *options);
int set_label(int fs);
extern int rootfd; /* the root that is being made */
extern char file_label[256];

/* User namespaces */
int op_idmap(struct child_context *ctx, struct op_view *op, struct failure *f);
int op_userns(struct child_context *ctx, struct op_view *op, struct failure *f);
int idmap(struct child_context *ctx, int mount);
__attribute__((noreturn)) void namespaces_main(int conn, bool network, const char *users);

struct identity {
  uint32_t uid, gid;
  int group_count;
  char home[4096];
  gid_t groups[GROUPS];
};
/* Looks a user[:group] up in /etc/passwd and /etc/group of the present root. 0, or an errno with a message. */
int identity_find(const char *user, const char *group, struct identity *id, char *message, size_t size);
int identity_add_group(const char *group, struct identity *id);

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

int write_all(int fd, const void *data, size_t len);
int write_file(const char *path, const char *data);
size_t put_num(char *at, uint64_t value);

#endif
