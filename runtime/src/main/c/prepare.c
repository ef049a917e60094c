/* What the shim does itself, before it makes the child: directories, the log, cgroups and their limits. */
#include "task.h"

#include <limits.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

/* Takes the room for the exit record now, for at the end the disk may be full; without room now it is tried again then. */
static void reserve_exit_record(void) {
  char temp[PATH_MAX];
  snprintf(temp, sizeof temp, "%s.tmp", task.exit_path);
  int fd = open(temp, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return;
  if (fallocate(fd, 0, 0, 512) < 0) unlink(temp);
  close(fd);
}

static int op_task(struct op_view *op, struct failure *f) {
  task.id = get_str(&op->arg);
  task.run_dir = get_str(&op->arg);
  task.exit_path = get_str(&op->arg);
  const char *log = get_str(&op->arg);
  int64_t max_bytes = (int64_t)get_u64(&op->arg);
  uint32_t max_files = get_u32(&op->arg);
  task.flags = get_u32(&op->arg);
  task.clone_flags = get_u64(&op->arg);
  if (op->arg.bad || *task.run_dir != '/' || *task.exit_path != '/') return failed(f, op, EPROTO, "read", "paths");
  unlink(task.exit_path);
  reserve_exit_record();
  if (mkdir(task.run_dir, 0700) < 0 && errno != EEXIST) return failed(f, op, errno, "mkdir", task.run_dir);
  task.logging = *log != 0;
  if (task.logging && log_open(&task.log, log, max_bytes, max_files) < 0) return failed(f, op, errno, "open log", log);
  return 0;
}

static int op_log(struct op_view *op, struct failure *f) {
  task.pack_logs = get_u32(&op->arg) & LOG_PACK;
  task.log.attrs = get_str(&op->arg);
  return strlen(task.log.attrs) > LOG_ATTRS_MAX ? failed(f, op, E2BIG, "log attributes", "longer than 16 KiB") : 0;
}

static int op_cgroup(struct op_view *op, struct failure *f) {
  const char *path = get_str(&op->arg);
  if (task.cgroup_count == CGROUPS) return failed(f, op, E2BIG, "cgroups", path);
  task.cgroups[task.cgroup_count++] = (struct cgroup){path, get_u32(&op->arg)};
  return 0;
}

static int carry_out_own(struct op_view *op, struct failure *f) {
  switch (op->code) {
    case OP_TASK: return op_task(op, f);
    case OP_META: return 0; /* clients.c */
    case OP_LOG: return op_log(op, f);
    case OP_CGROUP: return op_cgroup(op, f);
    case OP_RUNTIME: return op_runtime(op);
    default: return carry_out(op, f);
  }
}

int prepare(struct failure *f) {
  struct cursor c;
  struct op_view op;
  uint32_t index = 0;
  if (!plan_open(task.plan, task.plan_len, &c)) return failed(f, NULL, EPROTO, "read", "plan of another version");
  for (int skip = 0; plan_next(&c, &index, &op) && op.code != OP_CHILD;) {
    if (skip-- > 0) continue;
    if ((skip = carry_out_own(&op, f)) < 0) return -1;
    if (op.arg.bad) return failed(f, &op, EPROTO, "read", "plan");
  }
  close_registers(); /* the child opens its own */
  return c.bad ? failed(f, NULL, EPROTO, "read", "plan") : 0;
}

/* Holds the namespaces that the plan has made, while the engine writes the maps of users, sets the network up and starts the task. */
void namespaces_main(int conn) {
  struct failure f = {0};
  struct {
    uint8_t type, arg;
    uint16_t zero;
    uint32_t len, pid, version;
    uint64_t at;
  } held = {F_STARTED, 0, 0, 16, (uint32_t)getpid(), PROTOCOL_VERSION, 0};
  if (prepare(&f) < 0) {
    held.type = F_FAILED;
    held.len = (uint32_t)(offsetof(struct failure, what) + strlen(f.what));
    if (write_all(conn, &held, FRAME_HEAD) == 0) write_all(conn, &f, held.len);
    _exit(1);
  }
  if (write_all(conn, &held, sizeof held) < 0) _exit(1);
  while (read(conn, &held, 1) < 0 && errno == EINTR) continue;
  _exit(0);
}

int listen_on(const char *dir, struct failure *f) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (dir == NULL) return failed(f, NULL, EPROTO, "read", "plan of no task");
  if (snprintf(address.sun_path, sizeof address.sun_path, "%s/ctl", dir) >= (int)sizeof address.sun_path)
    return failed(f, NULL, ENAMETOOLONG, "bind", dir);
  unlink(address.sun_path);
  task.listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (task.listener < 0 || bind(task.listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(task.listener, EXECS) < 0)
    return failed(f, NULL, errno, "bind", address.sun_path);
  return 0;
}

void remove_run_dir(void) {
  char path[PATH_MAX];
  if (!task.run_dir) return;
  snprintf(path, sizeof path, "%s/ctl", task.run_dir);
  unlink(path);
  rmdir(task.run_dir);
}
