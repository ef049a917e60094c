/* The child between clone and execve: single-threaded, straight through the plan. */
#include "shim.h"

#include <grp.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <linux/filter.h>
#include <linux/keyctl.h>
#include <linux/openat2.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <termios.h>

static struct identity identity;
static uint64_t capabilities = ~0ull;

static void report(int sync, struct failure *f) {
  if (say(sync, &(struct message){.what = SAYS_FAILED, .failure = *f}, -1) < 0) _exit(126);
}

static int bind_console(int slave, struct op_view *op, struct failure *f) {
  int file = open("/dev/console", O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY | O_RDONLY, 0600);
  if (file >= 0) close(file);
  int at = open("/dev/console", O_PATH | O_NOFOLLOW | O_CLOEXEC);
  int mount = open_tree(slave, "", AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
  if (at < 0 || mount < 0 || move_mount(mount, "", at, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
    return failed(f, op, errno, "bind terminal on", "/dev/console");
  close(at);
  close(mount);
  return 0;
}

static int op_tty(struct child_context *ctx, struct op_view *op, struct failure *f) {
  uint32_t console = get_u32(&op->arg), rows = get_u32(&op->arg), columns = get_u32(&op->arg);
  int path = open("/dev/pts/ptmx", O_PATH | O_NOFOLLOW | O_CLOEXEC), on = 0;
  struct statfs fs;
  if (path < 0 || fstatfs(path, &fs) < 0) return failed(f, op, errno, "open", "/dev/pts/ptmx");
  if (fs.f_type != 0x1cd1) return failed(f, op, ENODEV, "open", "/dev/pts/ptmx");
  int master = open("/dev/pts/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC | O_NOFOLLOW);
  if (master < 0 || fstatfs(master, &fs) < 0) return failed(f, op, errno, "open", "/dev/pts/ptmx");
  if (fs.f_type != 0x1cd1) return failed(f, op, ENODEV, "open", "/dev/pts/ptmx");
  if (ioctl(master, TIOCSPTLCK, &on) < 0) return failed(f, op, errno, "unlock", "/dev/pts/ptmx");
  int slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (slave < 0) return failed(f, op, errno, "open", "terminal");
  struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)columns};
  if (rows && columns) ioctl(master, TIOCSWINSZ, &size);
  if (console && bind_console(slave, op, f) < 0) return -1;
  if (say(ctx->sync, &(struct message){.what = SAYS_TERMINAL}, master) < 0) return failed(f, op, errno, "send", "terminal");
  for (int i = 0; i < 3; i++)
    if (dup2(slave, i) < 0) return failed(f, op, errno, "dup", "terminal");
  if (ioctl(0, TIOCSCTTY, 0) < 0) return failed(f, op, errno, "take", "terminal");
  close(master);
  close(path);
  return 0;
}

static int op_loopback(struct op_view *op, struct failure *f) {
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  struct ifreq request = {.ifr_name = "lo"};
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  int result = fd < 0 || ioctl(fd, SIOCSIFFLAGS, &request) < 0 ? failed(f, op, errno, "set up", "lo") : 0;
  if (fd >= 0) close(fd);
  return result;
}

static int op_caps(struct op_view *op, struct failure *f) {
  capabilities = get_u64(&op->arg);
  for (int cap = 0; cap < 64; cap++) {
    if (capabilities >> cap & 1) continue;
    if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) < 0) {
      if (errno == EINVAL) break; /* beyond the kernel's last one */
      return failed(f, op, errno, "drop", "capability");
    }
  }
  return 0;
}

/* Standard streams belong to the user, so that a server may open /dev/stdout again. */
static int streams(struct child_context *ctx, struct op_view *op, struct failure *f) {
  if (!ctx->io.tty) {
    int in = ctx->io.in >= 0 ? ctx->io.in : open("/dev/null", O_RDONLY | O_CLOEXEC), none[2];
    if (in < 0 && pipe2(none, O_CLOEXEC) == 0) { /* a mount on /dev may hold none: then the input of nobody, which ends too */
      in = none[0];
      close(none[1]);
    }
    if (in < 0 || dup2(in, 0) < 0 || dup2(ctx->io.out, 1) < 0 || dup2(ctx->io.err, 2) < 0)
      return failed(f, op, errno, "set", "standard streams");
  }
  struct stat st;
  for (int i = 0; i < 3; i++)
    if (identity.uid != 0 && fstat(i, &st) == 0 && st.st_rdev != 0x103 && fchown(i, identity.uid, (gid_t)-1) < 0 && errno != EPERM &&
        errno != EROFS && errno != EINVAL)
      return failed(f, op, errno, "chown", "standard streams");
  return 0;
}

/* Sets what a security module keeps of this process, or of the program that it executes next: by a procfs of nobody's but the
 * child's, for the container's may be covered: CVE-2025-52881. Kernels before 5.8 have one place only for AppArmor's. */
static int op_attribute(struct op_view *op, struct failure *f) {
  bool apparmor = op->code == OP_APPARMOR;
  const char *name = apparmor ? "exec" : get_str(&op->arg), *value = get_str(&op->arg);
  char path[64], text[512];
  int proc = make_fs("proc", "", MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC), fd = -1;
  for (int place = !apparmor; proc >= 0 && fd < 0 && place < 2; place++) {
    snprintf(path, sizeof path, "%d/attr/%s%s", getpid(), place ? "" : "apparmor/", name);
    fd = open_in(proc, path, O_WRONLY, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV);
  }
  int len = snprintf(text, sizeof text, "%s%s", apparmor ? "exec " : "", value);
  if (fd < 0 || len >= (int)sizeof text || write(fd, text, (size_t)len) != len)
    return failed(f, op, errno, apparmor ? "apply AppArmor profile" : "apply SELinux label", value);
  close(fd);
  close(proc);
  return 0;
}

static int op_user(struct child_context *ctx, struct op_view *op, struct failure *f) {
  const char *user = get_str(&op->arg), *group = get_str(&op->arg);
  uint32_t more = get_u32(&op->arg);
  int err = identity_find(user, group, &identity, f->what, sizeof f->what);
  if (err != 0) {
    f->index = op->index;
    f->code = op->code;
    f->err = err;
    return -1;
  }
  for (uint32_t i = 0; i < more && !op->arg.bad; i++) {
    const char *name = get_str(&op->arg);
    if (identity_add_group(name, &identity) != 0) return failed(f, op, EINVAL, "unable to find group", name);
  }
  if (streams(ctx, op, f) < 0) return -1;
  if (setgroups((size_t)identity.group_count, identity.groups) < 0) return failed(f, op, errno, "setgroups", user);
  if (setresgid(identity.gid, identity.gid, identity.gid) < 0) return failed(f, op, errno, "setresgid", user);
  if (setresuid(identity.uid, identity.uid, identity.uid) < 0) return failed(f, op, errno, "setresuid", user);
  prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct now[2], data[2] = {{0}};
  if (syscall(SYS_capget, &head, now) < 0) return failed(f, op, errno, "capget", user);
  for (int i = 0; i < 2; i++) data[i].effective = data[i].permitted = now[i].permitted & (uint32_t)(capabilities >> 32 * i);
  return syscall(SYS_capset, &head, data) < 0 ? failed(f, op, errno, "capset", user) : 0;
}

static int op_seccomp(struct op_view *op, struct failure *f) {
  uint32_t len;
  const uint8_t *bytes = get_bytes(&op->arg, &len);
  static struct sock_filter filter[4096];
  if (len % 8 != 0 || len > sizeof filter) return failed(f, op, EINVAL, "seccomp", "filter");
  memcpy(filter, bytes, len);
  struct sock_fprog program = {.len = (unsigned short)(len / 8), .filter = filter};
  if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW, &program) < 0)
    return failed(f, op, errno, "seccomp", "filter");
  return 0;
}

static int op_cwd(struct op_view *op, struct failure *f) {
  const char *path = get_str(&op->arg);
  char current[4096];
  if (chdir(path) < 0) return failed(f, op, errno, "chdir to cwd", path);
  /* CVE-2024-21626: a directory outside the root has no path here */
  if (getcwd(current, sizeof current) == NULL || current[0] != '/') return failed(f, op, errno, "cwd is outside of the container:", path);
  return 0;
}

static void find_and_execute(char **argv, char **envp, const char *path, struct failure *f) {
  char full[4096];
  if (strchr(argv[0], '/')) {
    execve(argv[0], argv, envp);
    f->err = errno;
    struct stat st;
    if (f->err == EACCES && stat(argv[0], &st) == 0 && S_ISDIR(st.st_mode)) f->err = EISDIR;
    return;
  }
  f->err = ENOENT;
  for (const char *at = path; argv[0][0] != 0; at += strcspn(at, ":") + 1) {
    int len = (int)strcspn(at, ":");
    struct stat st;
    if (snprintf(full, sizeof full, "%.*s/%s", len ? len : 1, len ? at : ".", argv[0]) < (int)sizeof full && stat(full, &st) == 0 &&
        !S_ISDIR(st.st_mode)) {
      execve(full, argv, envp);
      if (errno != ENOENT) f->err = errno;
      if (f->err != EACCES && f->err != ENOENT) return;
    }
    if (at[len] == 0) break;
  }
}

/* Takes so many texts of the plan, which has room for no more than are in it. */
static char **take_texts(struct cursor *c, uint32_t count, char **to) {
  while (count-- > 0) *to++ = (char *)(uintptr_t)get_str(c);
  return to;
}

static int op_exec(struct child_context *ctx, struct op_view *op, struct failure *f) {
  static char home[sizeof identity.home + 8];
  const char *path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  bool has_home = false;
  uint32_t init = get_u32(&op->arg), args = get_u32(&op->arg);
  size_t most = (size_t)(op->arg.end - op->arg.at) / 5; /* a text has its length and a NUL at least */
  char **words = mmap(NULL, (most + 5) * sizeof *words, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (words == MAP_FAILED) return failed(f, op, errno, "hold", "arguments");
  if (args == 0 || args > most) return failed(f, op, EPROTO, "read", "arguments");
  words[0] = INIT_NAME;
  words[1] = "--";
  char **argv = words + 2, **envp = take_texts(&op->arg, args, argv) + 1;
  uint32_t envs = get_u32(&op->arg);
  if (envs > most - args) return failed(f, op, EPROTO, "read", "environment");
  char **end = take_texts(&op->arg, envs, envp);
  if (op->arg.bad) return failed(f, op, EPROTO, "read", "plan");
  for (char **env = envp; env < end; env++) {
    if (strncmp(*env, "PATH=", 5) == 0) path = *env + 5;
    if (strncmp(*env, "HOME=", 5) == 0) has_home = true;
  }
  snprintf(home, sizeof home, "HOME=%s", identity.home);
  if (!has_home) *end = home;
  close_range(3, ~0u, CLOSE_RANGE_CLOEXEC);
  umask(022);
  if (init) {
    pid_t child = init_fork(ctx->program, words, envp);
    if (child < 0) return failed(f, op, errno, "fork", "init");
    if (isatty(0) && setpgid(0, 0) == 0) {
      signal(SIGTTOU, SIG_IGN);
      tcsetpgrp(0, getpid());
      signal(SIGTTOU, SIG_DFL);
    }
  }
  prctl(PR_SET_PDEATHSIG, ctx->pidfd < 0 ? 0 : SIGKILL); /* a task outlives its shim, an exec does not */
  find_and_execute(argv, envp, path, f);
  return failed(f, op, f->err, strchr(argv[0], '/') ? "file" : "path", argv[0]);
}

static int sync_with_shim(struct child_context *ctx, struct op_view *op, struct failure *f) {
  char answer;
  if (say(ctx->sync, &(struct message){.what = SAYS_READY}, -1) < 0 || recv(ctx->sync, &answer, 1, 0) != 1)
    return failed(f, op, EPIPE, "wait for", "shim");
  return 0;
}

static int run(struct child_context *ctx, struct op_view *op, struct failure *f) {
  const char *text;
  switch (op->code) {
    case OP_ROOT_SLAVE: return mount("", "/", "", MS_SLAVE | MS_REC, NULL) < 0 ? failed(f, op, errno, "make slave", "/") : 0;
    case OP_OVERLAY: return op_overlay(op, f);
    case OP_FS: return op_fs(op, f);
    case OP_SOURCE: return op_source(ctx, op, f);
    case OP_IDMAP: return op_idmap(ctx, op, f);
    case OP_USERNS: return op_userns(ctx, op, f);
    case OP_BIND: return op_bind(op, f);
    case OP_DEVICE: return op_device(op, f);
    case OP_SYMLINK:
    case OP_OWN_SYMLINK: return op_symlink(op, f);
    case OP_MASK: return op_mask(op, f);
    case OP_READONLY: return op_readonly(op, f);
    case OP_SYSCTL: return op_sysctl(op, f);
    case OP_PIVOT: return op_pivot(op, f);
    case OP_MKDIR: return op_mkdir(op, f);
    case OP_HOSTNAME: text = get_str(&op->arg); return sethostname(text, strlen(text)) < 0 ? failed(f, op, errno, "sethostname", text) : 0;
    case OP_DOMAINNAME:
      text = get_str(&op->arg);
      return setdomainname(text, strlen(text)) < 0 ? failed(f, op, errno, "setdomainname", text) : 0;
    case OP_RLIMIT: {
      uint32_t which = get_u32(&op->arg);
      uint64_t soft = get_u64(&op->arg), hard = get_u64(&op->arg);
      uint32_t mode = get_u32(&op->arg);
      struct rlimit limit = {soft, hard}, now;
      if (mode && getrlimit((int)which, &now) < 0) return failed(f, op, errno, "getrlimit", "");
      if (mode == 2) { /* while there is the privilege: room for what is set later */
        if (now.rlim_max >= hard) return 0;
        limit.rlim_cur = now.rlim_cur;
      } else if (mode == 1 && now.rlim_max < hard) { /* a default gives way to a machine that allows less */
        limit.rlim_max = now.rlim_max;
        if (limit.rlim_cur > limit.rlim_max) limit.rlim_cur = limit.rlim_max;
      }
      return setrlimit((int)which, &limit) < 0 ? failed(f, op, errno, "setrlimit", "") : 0;
    }
    case OP_CWD: return op_cwd(op, f);
    case OP_TTY: return op_tty(ctx, op, f);
    case OP_OOM_SCORE:
      text = get_str(&op->arg);
      return write_file("/proc/self/oom_score_adj", text) < 0 ? failed(f, op, errno, "write oom_score_adj", text) : 0;
    case OP_NO_NEW_PRIVS: return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? failed(f, op, errno, "prctl", "no_new_privs") : 0;
    case OP_APPARMOR:
    case OP_ATTRIBUTE: return op_attribute(op, f);
    case OP_FILE_LABEL:
      text = get_str(&op->arg);
      return snprintf(file_label, sizeof file_label, "%s", text) < (int)sizeof file_label
                 ? 0
                 : failed(f, op, ENAMETOOLONG, "set file label", text);
    case OP_SECCOMP: return op_seccomp(op, f);
    case OP_CAPS: return op_caps(op, f);
    case OP_USER: return op_user(ctx, op, f);
    case OP_EXEC: return op_exec(ctx, op, f);
    case OP_LOOPBACK: return op_loopback(op, f);
    case OP_KEYRING:
      text = get_str(&op->arg); /* kernels without keyrings, or with the quota used up, go without, as runc */
      syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, text);
      return 0;
    case OP_ROOT_READONLY: return op_root_readonly(op, f);
    case OP_COVER:
      text = get_str(&op->arg);
      return mount("none", text, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "size=4k") < 0 ? failed(f, op, errno, "cover", text) : 0;
    case OP_SYNC: return sync_with_shim(ctx, op, f);
    case OP_UNSHARE: return unshare((int)get_u32(&op->arg)) < 0 ? failed(f, op, errno, "unshare", "") : 0;
    case OP_JOIN_TASK:
      if (setns(ctx->pidfd, (int)get_u32(&op->arg)) < 0) return failed(f, op, errno, "setns", "task");
      return chdir("/") < 0 ? failed(f, op, errno, "chdir", "/") : 0;
    default: return op->code < 20 ? 0 : failed(f, op, ENOSYS, "unknown", "op");
  }
}

/* Past libc, which keeps two of them to itself; a launcher may have been started with those ignored. */
static void reset_signals(void) {
  struct {
    void *handler;
    unsigned long flags;
    void *restorer;
    uint64_t mask;
  } action = {0};
  for (int sig = 1; sig <= 64; sig++) syscall(SYS_rt_sigaction, sig, &action, NULL, 8);
}

void child_main(const uint8_t *plan, size_t len, struct child_context *ctx) {
  struct failure f = {0};
  struct cursor c;
  struct op_view op;
  uint32_t index = 0;
  sigset_t none;
  prctl(PR_SET_DUMPABLE, 0); /* CVE-2016-9962 */
  ctx->program = open("/proc/self/exe", O_PATH | O_CLOEXEC);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  reset_signals();
  umask(0); /* modes of the plan are exact */
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  setsid();
  for (int i = 0; i < ctx->ns_count; i++) {
    if (setns(ctx->ns_fds[i], ctx->ns_types[i]) < 0) {
      failed(&f, NULL, errno, "setns", "namespace");
      report(ctx->sync, &f);
      _exit(126);
    }
  }
  if (!plan_open(plan, len, &c)) _exit(126);
  while (plan_next(&c, &index, &op)) {
    int result = run(ctx, &op, &f);
    if (result == 0 && op.arg.bad) result = failed(&f, &op, EPROTO, "read", "plan");
    if (result < 0) {
      report(ctx->sync, &f);
      _exit(126);
    }
  }
  failed(&f, NULL, EPROTO, "plan", "without exec");
  report(ctx->sync, &f);
  _exit(126);
}
