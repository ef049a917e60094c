/* Tasks in a user namespace of their own. What needs privilege on the host (layers, sources of binds, cgroups) is opened before the
 * child enters it, and all other namespaces are made after, so that the user namespace owns them: man 7 user_namespaces. */
#include "shim.h"

#include <grp.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>

/* Holds a new user namespace, or the one of a path, and maybe a new network namespace in it, while the engine writes the maps, sets
 * the network up and starts the task. Ends with the connection. */
void namespaces_main(int conn, bool network, const char *users) {
  struct failure f = {0};
  struct {
    uint8_t type, arg;
    uint16_t zero;
    uint32_t len, pid, version;
    uint64_t at;
  } held = {F_STARTED, 0, 0, 16, (uint32_t)getpid(), PROTOCOL_VERSION, 0};
  int own = (*users ? 0 : CLONE_NEWUSER) | (network ? CLONE_NEWNET : 0), joined = *users ? open(users, O_RDONLY | O_CLOEXEC) : -1;
  if ((*users && setns(joined, CLONE_NEWUSER) < 0) || unshare(own) < 0) {
    failed(&f, NULL, errno, "make", "namespaces");
    held.type = F_FAILED;
    held.len = (uint32_t)(offsetof(struct failure, what) + strlen(f.what));
    if (write_all(conn, &held, FRAME_HEAD) < 0 || write_all(conn, &f, held.len) < 0) _exit(1);
    _exit(0);
  }
  uint8_t end;
  if (write_all(conn, &held, sizeof held) < 0) _exit(1);
  while (read(conn, &end, 1) < 0 && errno == EINTR) {
  }
  _exit(0);
}

int idmap(struct child_context *ctx, int mount) {
  struct mount_attr attr = {.attr_set = MOUNT_ATTR_IDMAP, .userns_fd = (uint64_t)ctx->userns};
  return mount_setattr(mount, "", AT_EMPTY_PATH, &attr, sizeof attr);
}

/* Covers a directory with itself, its owners mapped: overlayfs takes its layers from mounts of this namespace only (before 6.15). */
int op_idmap(struct child_context *ctx, struct op_view *op, struct failure *f) {
  const char *path = get_str(&op->arg);
  int mount = open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
  if (mount < 0) return failed(f, op, errno, "open", path);
  if (idmap(ctx, mount) < 0) return failed(f, op, errno, "map the ids of", path);
  if (move_mount(mount, "", AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_SYMLINKS) < 0)
    return failed(f, op, errno, "cover", path);
  close(mount);
  return 0;
}

/* Goes on as the first process of a new pid namespace, a child of the shim: the shim hears of it before it may do anything. */
static int become_first(struct child_context *ctx) {
  int pidfd = -1;
  struct clone_args args = {.flags = CLONE_NEWPID | CLONE_PARENT | CLONE_PIDFD, .pidfd = (uint64_t)(uintptr_t)&pidfd};
  pid_t pid = (pid_t)syscall(SYS_clone3, &args, sizeof args);
  if (pid < 0) return -1;
  char answer = 0;
  if (pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setsid();
    return recv(ctx->sync, &answer, 1, 0) == 1 ? 0 : (errno = EPIPE, -1);
  }
  _exit(say(ctx->sync, &(struct message){.what = SAYS_PROCESS, .pid = pid}, pidfd) < 0 ? 126 : 0);
}

int op_userns(struct child_context *ctx, struct op_view *op, struct failure *f) {
  uint32_t uid = get_u32(&op->arg), gid = get_u32(&op->arg), own = get_u32(&op->arg);
  int streams[] = {ctx->io.in, ctx->io.out, ctx->io.err};
  for (int i = 0; i < 3; i++) /* the user inside may open /dev/stdout again, and give it to another */
    if (streams[i] >= 0 && fchown(streams[i], uid, gid) < 0) return failed(f, op, errno, "chown", "standard streams");
  if (own & CLONE_NEWNS && root_detach() < 0) return failed(f, op, errno, "detach", "root");
  if (setns(ctx->userns > 0 ? ctx->userns : ctx->pidfd, CLONE_NEWUSER) < 0) return failed(f, op, errno, "setns", "user namespace");
  if (setgroups(0, NULL) < 0 || setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0)
    return failed(f, op, errno, "become root of", "user namespace");
  prctl(PR_SET_DUMPABLE, 0); /* which a change of user may have set */
  prctl(PR_SET_PDEATHSIG, SIGKILL); /* and that it cleared */
  if (unshare((int)(own & ~(uint32_t)CLONE_NEWPID)) < 0) return failed(f, op, errno, "unshare", "");
  if (own & CLONE_NEWNS && root_attach() < 0) return failed(f, op, errno, "attach", "root");
  if (own & CLONE_NEWPID && become_first(ctx) < 0) return failed(f, op, errno, "clone3", "");
  return 0;
}
