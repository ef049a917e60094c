/* What the shim does itself, before it makes the child: directories, the log, namespaces to join, cgroups and their limits. */
#include "task.h"

#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

/* Carries out the ops before the clone. */
int prepare(uint64_t *clone_flags, struct child_context *ctx, struct failure *f) {
  static int ns_fds[8], ns_types[8];
  struct cursor c;
  struct op_view op;
  uint32_t index = 0;
  ctx->ns_fds = ns_fds;
  ctx->ns_types = ns_types;
  if (!plan_open(plan_data, plan_len, &c)) return failed(f, NULL, EPROTO, "read", "plan of another version");
  while (plan_next(&c, &index, &op)) {
    if (op.code == OP_TASK) {
      task_id = get_str(&op.arg);
      run_dir = get_str(&op.arg);
      exit_path = get_str(&op.arg);
      log_path = get_str(&op.arg);
      int64_t max_bytes = (int64_t)get_u64(&op.arg);
      uint32_t max_files = get_u32(&op.arg);
      task_flags = get_u32(&op.arg);
      *clone_flags = get_u64(&op.arg);
      unlink(exit_path);
      if (mkdir(run_dir, 0700) < 0 && errno != EEXIST) return failed(f, &op, errno, "mkdir", run_dir);
      if (*log_path) {
        if (log_open(&task_log, log_path, max_bytes, max_files) < 0) return failed(f, &op, errno, "open log", log_path);
        logging = true;
      }
    } else if (op.code == OP_LOG) {
      log_flags = get_u32(&op.arg);
      const char *attrs = get_str(&op.arg);
      if (strlen(attrs) > LOG_ATTRS_MAX) return failed(f, &op, E2BIG, "log attributes", "longer than 16 KiB");
      task_log.attrs = attrs;
    } else if (op.code == OP_NAMESPACE) {
      int type = (int)get_u32(&op.arg);
      const char *path = get_str(&op.arg);
      int fd = open(path, O_RDONLY | O_CLOEXEC);
      if (fd < 0) return failed(f, &op, errno, "open namespace", path);
      if (type == CLONE_NEWPID) { /* holds for children only, so it is the shim's to enter */
        shared_pid = true;
        if (setns(fd, type) < 0) return failed(f, &op, errno, "setns", path);
        close(fd);
      } else if (ctx->ns_count < 8) {
        ns_fds[ctx->ns_count] = fd;
        ns_types[ctx->ns_count++] = type;
      }
    } else if (op.code == OP_CGROUP) {
      struct cgroup g = {.path = get_str(&op.arg)};
      g.flags = get_u32(&op.arg);
      if (cgroup_count == CGROUPS) return failed(f, &op, E2BIG, "cgroups", g.path);
      mode_t mask = umask(022); /* any user of the container may read its limits */
      int made = mkdir(g.path, 0755);
      umask(mask);
      if (made < 0 && (errno != EEXIST || chmod(g.path, 0755) < 0)) return failed(f, &op, errno, "mkdir", g.path);
      cgroups[cgroup_count++] = g;
    } else if (op.code == OP_WRITE) {
      const char *path = get_str(&op.arg), *data = get_str(&op.arg);
      uint32_t optional = get_u32(&op.arg);
      if (write_file(path, data) < 0 && !optional) return failed(f, &op, errno, "write", path);
    }
    if (op.code < 20 && op.arg.bad) return failed(f, &op, EPROTO, "read", "plan");
  }
  if (c.bad || run_dir == NULL) return failed(f, NULL, EPROTO, "read", "plan");
  return 0;
}

int listen_on(const char *dir, struct failure *f) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (snprintf(address.sun_path, sizeof address.sun_path, "%s/ctl", dir) >= (int)sizeof address.sun_path)
    return failed(f, NULL, ENAMETOOLONG, "bind", dir);
  unlink(address.sun_path);
  listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, 16) < 0)
    return failed(f, NULL, errno, "bind", address.sun_path);
  return 0;
}

void remove_run_dir(void) {
  char path[PATH_MAX];
  if (!run_dir) return;
  snprintf(path, sizeof path, "%s/ctl", run_dir);
  unlink(path);
  rmdir(run_dir);
}
