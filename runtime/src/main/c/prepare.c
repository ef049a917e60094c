/* What the shim does itself, before it makes the child: directories, the log, namespaces to join, cgroups and their limits. */
#include "task.h"

#include <limits.h>
#include <sched.h>
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

static int op_namespace(struct child_context *ctx, struct op_view *op, struct failure *f) {
  int type = (int)get_u32(&op->arg);
  const char *path = get_str(&op->arg);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return failed(f, op, errno, "open namespace", path);
  if (type == CLONE_NEWPID) { /* holds for children only, so it is the shim's to enter */
    int result = setns(fd, type) < 0 ? failed(f, op, errno, "setns", path) : 0;
    close(fd);
    return result;
  }
  if (type == CLONE_NEWUSER) { /* entered by an op of its own */
    ctx->userns = fd;
    return 0;
  }
  if (ctx->ns_count == NAMESPACES) return failed(f, op, E2BIG, "namespaces", path);
  ctx->ns_fds[ctx->ns_count] = fd;
  ctx->ns_types[ctx->ns_count++] = type;
  return 0;
}

static int op_cgroup(struct op_view *op, struct failure *f) {
  struct cgroup *g = &task.cgroups[task.cgroup_count];
  const char *path = get_str(&op->arg);
  if (task.cgroup_count == CGROUPS) return failed(f, op, E2BIG, "cgroups", path);
  *g = (struct cgroup){path, get_u32(&op->arg)};
  mode_t mask = umask(022); /* any user of the container may read its limits */
  int made = mkdir(path, 0755);
  umask(mask);
  if (made < 0 && (errno != EEXIST || chmod(path, 0755) < 0)) return failed(f, op, errno, "mkdir", path);
  task.cgroup_count++;
  return 0;
}

static int op_write(struct op_view *op, struct failure *f) {
  const char *path = get_str(&op->arg), *data = get_str(&op->arg);
  uint32_t may = get_u32(&op->arg); /* 0 not fail, 1 fail, 2 find no such file */
  return write_file(path, data) == 0 || may == 1 || (may == 2 && errno == ENOENT) ? 0 : failed(f, op, errno, "write", path);
}

static int carry_out(struct child_context *ctx, struct op_view *op, struct failure *f) {
  switch (op->code) {
    case OP_TASK: return op_task(op, f);
    case OP_LOG: return op_log(op, f);
    case OP_NAMESPACE: return op_namespace(ctx, op, f);
    case OP_CGROUP: return op_cgroup(op, f);
    case OP_WRITE: return op_write(op, f);
    case OP_RUNTIME: return op_runtime(op);
    default: return 0;
  }
}

/* Carries out the ops before the clone. */
int prepare(struct child_context *ctx, struct failure *f) {
  struct cursor c;
  struct op_view op;
  uint32_t index = 0;
  if (!plan_open(task.plan, task.plan_len, &c)) return failed(f, NULL, EPROTO, "read", "plan of another version");
  while (plan_next(&c, &index, &op)) {
    if (carry_out(ctx, &op, f) < 0) return -1;
    if (op.arg.bad) return failed(f, &op, EPROTO, "read", "plan");
  }
  return c.bad || task.run_dir == NULL ? failed(f, NULL, EPROTO, "read", "plan") : 0;
}

int listen_on(const char *dir, struct failure *f) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
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
