/* The child's mounts: made detached, given their attributes, then attached to a target that is resolved inside the new root,
 * so that nothing in an image can lead outside and nothing is reopened by path. man 2 fsopen, openat2, move_mount, mount_setattr. */
#include "shim.h"

#include <linux/openat2.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#define SOURCES 8192 /* each is a descriptor until it is mounted */

int rootfd = -1;
static int procfd = -1, maskfd = -1, nullfd = -1;
static int sources[SOURCES], source_count, source_used;
char file_label[256]; /* SELinux's, of what new file systems hold; empty: what the policy says */

int open_in(int dir, const char *path, uint64_t flags, uint64_t resolve) {
  struct open_how how = {.flags = flags | O_CLOEXEC, .resolve = resolve};
  while (*path == '/') path++;
  int fd, tries = 0;
  do fd = (int)syscall(SYS_openat2, dir, *path ? path : ".", &how, sizeof how);
  while (fd < 0 && errno == EAGAIN && ++tries < 64); /* a rename on the way: man 2 openat2 */
  return fd;
}

static int resolve(const char *path, bool no_symlinks) {
  return open_in(rootfd, path, O_PATH, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | (no_symlinks ? RESOLVE_NO_SYMLINKS : 0));
}

/* Opens path in the root as O_PATH, making what is missing: directories, and at the end a file if asked. */
static int resolve_or_make_at(const char *path, bool directory, bool no_symlinks, int depth) {
  int fd = resolve(path, no_symlinks);
  if (fd >= 0 || errno != ENOENT) return fd;
  if (depth > 8) return errno = ELOOP, -1;
  char prefix[PATH_MAX];
  size_t len = strlen(path);
  if (len >= sizeof prefix) return errno = ENAMETOOLONG, -1;
  int parent = resolve("/", false);
  for (size_t start = 0; parent >= 0 && start < len;) {
    while (path[start] == '/') start++;
    size_t end = start + strcspn(path + start, "/");
    if (end == start) break;
    memcpy(prefix, path, end);
    prefix[end] = 0;
    fd = resolve(prefix, no_symlinks);
    if (fd < 0 && errno == ENOENT) {
      int made;
      if (directory || path[end] != 0) {
        made = mkdirat(parent, prefix + start, 0755);
      } else {
        made = openat(parent, prefix + start, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY | O_CLOEXEC, 0644);
        if (made >= 0) close(made);
      }
      if (made < 0 && errno != EEXIST) return -1;
      fd = resolve(prefix, no_symlinks);
      char link[PATH_MAX];
      ssize_t n = fd < 0 && !no_symlinks ? readlinkat(parent, prefix + start, link, sizeof link) : -1;
      if (n > 0) { /* it leads to what is not there, such as /etc/resolv.conf to /run: then that is made, in this root */
        char target[PATH_MAX];
        int length = snprintf(target, sizeof target, "%.*s%.*s%s", link[0] == '/' ? 0 : (int)start, prefix, (int)n, link, path + end);
        close(parent);
        return length < (int)sizeof target ? resolve_or_make_at(target, directory, no_symlinks, depth + 1) : (errno = ENAMETOOLONG, -1);
      }
    }
    close(parent);
    parent = fd;
    start = end;
  }
  return parent;
}

static int resolve_or_make(const char *path, bool directory, bool no_symlinks) {
  return resolve_or_make_at(path, directory, no_symlinks, 0);
}

static const char *split(const char *path, char *parent) {
  const char *slash = strrchr(path, '/');
  snprintf(parent, PATH_MAX, "%.*s", slash ? (int)(slash - path) : 0, path);
  return slash ? slash + 1 : path;
}

static int open_parent(const char *path, const char **name) {
  char parent[PATH_MAX];
  *name = split(path, parent);
  return resolve_or_make(parent, true, false);
}

/* As open_parent, but only in the container's own layer: what is mounted in it is somebody else's. */
static int open_own_parent(const char *path, const char **name) {
  char parent[PATH_MAX];
  *name = split(path, parent);
  return open_in(rootfd, parent, O_PATH | O_DIRECTORY, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV);
}

/* Where the container shall have a file of its own, a link of the image goes: it may lead into a volume. */
static int remove_link(const char *path) {
  const char *name;
  char link[1];
  int dir = open_own_parent(path, &name);
  int result = dir >= 0 && readlinkat(dir, name, link, sizeof link) >= 0 ? unlinkat(dir, name, 0) : 0;
  if (dir >= 0) close(dir);
  return result;
}

int configure(int fs, const char *options) {
  char item[4096];
  for (const char *at = options; *at;) {
    size_t len = strcspn(at, ",");
    if (len >= sizeof item) return errno = ENAMETOOLONG, -1;
    memcpy(item, at, len);
    item[len] = 0;
    at += len + (at[len] == ',');
    char *value = strchr(item, '=');
    if (value) *value++ = 0;
    if (*item && fsconfig(fs, value ? FSCONFIG_SET_STRING : FSCONFIG_SET_FLAG, item, value, 0) < 0) return -1;
  }
  return 0;
}

int set_label(int fs) { return *file_label ? fsconfig(fs, FSCONFIG_SET_STRING, "context", file_label, 0) : 0; }

int make_fs(const char *type, const char *options, uint32_t attributes) {
  int fs = fsopen(type, FSOPEN_CLOEXEC);
  if (fs < 0) return -1;
  int mount = -1;
  bool holds_files = strcmp(type, "tmpfs") == 0 || strcmp(type, "devpts") == 0;
  fsconfig(fs, FSCONFIG_SET_STRING, "source", type, 0);
  if (configure(fs, options) == 0 && (!holds_files || set_label(fs) == 0) && fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == 0)
    mount = fsmount(fs, FSMOUNT_CLOEXEC, attributes);
  if (mount >= 0 && *file_label && strcmp(type, "mqueue") == 0) { /* made with its namespace, so it takes no option any more */
    char path[32];
    snprintf(path, sizeof path, "/proc/self/fd/%d", mount);
    if (setxattr(path, "security.selinux", file_label, strlen(file_label) + 1, 0) < 0 && errno != ENOTSUP) mount = -1;
  }
  int err = errno;
  close(fs);
  errno = err;
  return mount;
}

static int attach(int mount, int target) { return move_mount(mount, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH); }

int op_fs(struct op_view *op, struct failure *f) {
  const char *type = get_str(&op->arg), *target = get_str(&op->arg), *options = get_str(&op->arg);
  uint32_t attributes = get_u32(&op->arg), flags = get_u32(&op->arg);
  bool no_symlinks = flags & FS_NO_SYMLINKS;
  char with_mode[4096];
  struct stat below = {.st_mode = 01777}; /* where there is nothing */
  int at = resolve(target, no_symlinks);
  if (at >= 0 && fstat(at, &below) < 0) return failed(f, op, errno, "stat", target);
  if (at < 0) at = resolve_or_make(target, true, no_symlinks);
  if (at < 0) return failed(f, op, errno, "open mount target", target);
  if (flags & FS_MODE_BELOW) {
    int n = snprintf(with_mode, sizeof with_mode, "mode=%o,%s", below.st_mode & 07777, options);
    if (n >= (int)sizeof with_mode) return failed(f, op, ENAMETOOLONG, "mount file system", type);
    options = with_mode;
  }
  int mount = make_fs(type, options, attributes);
  if (mount < 0) return failed(f, op, errno, "mount file system", type);
  if (attach(mount, at) < 0) return failed(f, op, errno, "move_mount", target);
  close(at);
  if (strcmp(type, "proc") == 0) procfd = mount;
  else close(mount);
  return 0;
}

/* Opens a path below a directory in which containers may have made links: none is followed. */
static int open_inside(const char *root, const char *path) {
  int dir = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
  int fd = dir < 0 ? -1 : open_in(dir, path, O_PATH, RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS), err = errno;
  if (dir >= 0) close(dir);
  errno = err;
  return fd;
}

/* Opens what is to be mounted while the tree is still the host's peer, so that mounts of the container reach the host, and while
 * the child has the privilege to reach it. */
int op_source(struct child_context *ctx, struct op_view *op, struct failure *f) {
  const char *path = get_str(&op->arg);
  uint32_t recursive = get_u32(&op->arg), mapped = get_u32(&op->arg);
  if (source_count == SOURCES) return failed(f, op, E2BIG, "bind mount source", path);
  const char *of = get_str(&op->arg); /* the mount namespace that it is in; empty: this one */
  const char *inside = op->arg.at < op->arg.end ? get_str(&op->arg) : ""; /* a path below it that is meant; empty: itself */
  int home = -1, root = -1, there = -1, at = AT_FDCWD;
  if (*of) { /* nothing can be cloned from outside of its own: man 2 open_tree */
    home = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
    root = open("/", O_PATH | O_CLOEXEC);
    there = open(of, O_RDONLY | O_CLOEXEC);
    if (home < 0 || root < 0 || there < 0 || setns(there, CLONE_NEWNS) < 0) return failed(f, op, errno, "enter", of);
  }
  if (*inside && (at = open_inside(path, inside)) < 0) return failed(f, op, errno, "open subpath", inside);
  int mount = open_tree(at, *inside ? "" : path,
                        OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | (recursive ? AT_RECURSIVE : 0) | (*inside ? AT_EMPTY_PATH : 0));
  if (mount < 0) return failed(f, op, errno, "bind mount source", path);
  if (at >= 0) close(at);
  if (*of && (setns(home, CLONE_NEWNS) < 0 || fchdir(root) < 0 || chroot(".") < 0)) return failed(f, op, errno, "leave", of);
  if (mapped && idmap(ctx, mount) < 0) return failed(f, op, errno, "map the ids of", path);
  sources[source_count++] = mount;
  return 0;
}

int op_bind(struct op_view *op, struct failure *f) {
  const char *source = get_str(&op->arg), *target = get_str(&op->arg);
  uint32_t flags = get_u32(&op->arg), attributes = get_u32(&op->arg), propagation = get_u32(&op->arg), recursive = flags & BIND_RECURSIVE;
  int mount = *source == 0 && source_used < source_count
                  ? sources[source_used++]
                  : open_tree(AT_FDCWD, source, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | (recursive ? AT_RECURSIVE : 0));
  struct stat st;
  if (mount < 0 || fstat(mount, &st) < 0) return failed(f, op, errno, "bind mount source", source);
  struct mount_attr attr = {.attr_set = attributes, .propagation = propagation};
  if ((attributes || propagation) && mount_setattr(mount, "", AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0), &attr, sizeof attr) < 0)
    return failed(f, op, errno, "mount_setattr", source);
  if (flags & BIND_OWN_FILE && remove_link(target) < 0) return failed(f, op, errno, "replace the link", target);
  int at = resolve_or_make(target, S_ISDIR(st.st_mode), false);
  struct stat there;
  if (at < 0 || fstat(at, &there) < 0) return failed(f, op, errno, "open mount target", target);
  if (S_ISDIR(st.st_mode) != S_ISDIR(there.st_mode)) return failed(f, op, ENOTDIR, "bind mount on", target);
  if (attach(mount, at) < 0) return failed(f, op, errno, "bind mount on", target);
  close(mount);
  close(at);
  return 0;
}

int op_device(struct op_view *op, struct failure *f) {
  const char *path = get_str(&op->arg), *name;
  uint32_t mode = get_u32(&op->arg), major = get_u32(&op->arg), minor = get_u32(&op->arg), uid = get_u32(&op->arg), gid = get_u32(&op->arg);
  int dir = open_parent(path, &name);
  if (dir < 0) return failed(f, op, errno, "open directory of device", path);
  if (mknodat(dir, name, mode, makedev(major, minor)) < 0 && errno != EEXIST) return failed(f, op, errno, "mknod", path);
  int fd = openat(dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
  struct stat st;
  if (fd < 0 || fstat(fd, &st) < 0) return failed(f, op, errno, "open device", path);
  if ((st.st_mode & S_IFMT) != (mode & S_IFMT) || st.st_rdev != makedev(major, minor)) return failed(f, op, EEXIST, "check device", path);
  if ((uid || gid) && fchownat(fd, "", uid, gid, AT_EMPTY_PATH) < 0) return failed(f, op, errno, "chown", path);
  close(fd);
  close(dir);
  return 0;
}

int op_symlink(struct op_view *op, struct failure *f) {
  const char *to = get_str(&op->arg), *path = get_str(&op->arg), *name;
  bool own = op->code == OP_OWN_SYMLINK;
  int dir = own ? open_own_parent(path, &name) : open_parent(path, &name);
  if (own && dir < 0) return 0;
  if (dir < 0 || (symlinkat(to, dir, name) < 0 && errno != EEXIST)) return failed(f, op, errno, "symlink", path);
  close(dir);
  return 0;
}

/* The container's own null if it is one, else the host's; read-only, so that nobody in the container changes its mode or owner. */
static int null_cover(void) {
  struct mount_attr attr = {.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC};
  for (int host = 0; host < 2; host++) {
    int null = host ? open("/dev/null", O_PATH | O_NOFOLLOW | O_CLOEXEC) : resolve("/dev/null", true), cover = -1;
    struct stat st; /* CVE-2025-31133: what is no null must not become writable in the place of what is masked */
    if (null >= 0 && fstat(null, &st) == 0 && S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3))
      cover = open_tree(null, "", AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
    if (null >= 0) close(null);
    if (cover >= 0) return mount_setattr(cover, "", AT_EMPTY_PATH, &attr, sizeof attr) < 0 ? -1 : cover;
  }
  return errno = ENODEV, -1;
}

/* Null for files; one empty read-only tmpfs, shared, for directories. */
int op_mask(struct op_view *op, struct failure *f) {
  const char *path = get_str(&op->arg);
  int at = resolve(path, false), cover = -1;
  if (at < 0) return errno == ENOENT || errno == ENOTDIR ? 0 : failed(f, op, errno, "open to mask", path);
  struct stat st;
  if (fstat(at, &st) < 0) return failed(f, op, errno, "stat", path);
  int *cache = S_ISDIR(st.st_mode) ? &maskfd : &nullfd; /* one mount object each, cloned: half the calls */
  if (*cache >= 0) {
    cover = open_tree(*cache, "", AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
  } else {
    cover = *cache = S_ISDIR(st.st_mode) ? make_fs("tmpfs", "nr_blocks=1,nr_inodes=2",
                                                   MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC)
                                         : null_cover();
  }
  if (cover < 0 || attach(cover, at) < 0) return failed(f, op, errno, "mask", path);
  if (cover != *cache) close(cover);
  close(at);
  return 0;
}

int op_readonly(struct op_view *op, struct failure *f) {
  const char *path = get_str(&op->arg);
  uint32_t is_mount = get_u32(&op->arg); /* then it is changed where it is, else covered by a read-only view of itself */
  int at = resolve(path, false);
  if (at < 0) return errno == ENOENT ? 0 : failed(f, op, errno, "open", path);
  if (is_mount) {
    struct mount_attr only = {.attr_set = MOUNT_ATTR_RDONLY};
    int result = mount_setattr(at, "", AT_EMPTY_PATH, &only, sizeof only) < 0 ? failed(f, op, errno, "make read-only", path) : 0;
    close(at);
    return result;
  }
  int mount = open_tree(at, "", AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
  struct mount_attr attr = {.attr_set = MOUNT_ATTR_RDONLY};
  if (mount < 0 || mount_setattr(mount, "", AT_EMPTY_PATH | AT_RECURSIVE, &attr, sizeof attr) < 0 || attach(mount, at) < 0)
    return failed(f, op, errno, "make read-only", path);
  close(mount);
  close(at);
  return 0;
}

/* Through the procfs that was just made, never by a path: CVE-2025-52881. */
int op_sysctl(struct op_view *op, struct failure *f) {
  const char *path = get_str(&op->arg), *value = get_str(&op->arg);
  int fd = open_in(procfd, path, O_WRONLY, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV);
  if (fd < 0 || write_all(fd, value, strlen(value)) < 0) return failed(f, op, errno, "set sysctl", path);
  close(fd);
  return 0;
}

int op_root_readonly(struct op_view *op, struct failure *f) {
  struct mount_attr attr = {.attr_set = MOUNT_ATTR_RDONLY};
  return mount_setattr(rootfd, "", AT_EMPTY_PATH, &attr, sizeof attr) < 0 ? failed(f, op, errno, "make root", "read-only") : 0;
}

int op_pivot(struct op_view *op, struct failure *f) {
  int old = open("/", O_DIRECTORY | O_RDONLY | O_CLOEXEC);
  if (old < 0 || fchdir(rootfd) < 0) return failed(f, op, errno, "open", "root");
  if (syscall(SYS_pivot_root, ".", ".") < 0) return failed(f, op, errno, "pivot_root", "");
  if (fchdir(old) < 0 || mount("", ".", "", MS_SLAVE | MS_REC, NULL) < 0 || umount2(".", MNT_DETACH) < 0 || chdir("/") < 0)
    return failed(f, op, errno, "leave", "old root");
  close(old);
  return 0;
}

/* The root that is attached here would be locked in the mount namespace of a user namespace: man 7 mount_namespaces. */
int root_detach(void) {
  int copy = open_tree(rootfd, "", AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
  if (copy < 0) return -1;
  close(rootfd);
  rootfd = copy;
  return 0;
}

int root_attach(void) { return move_mount(rootfd, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH); }

int op_mkdir(struct op_view *op, struct failure *f) {
  const char *path = get_str(&op->arg);
  int fd = resolve_or_make(path, true, false);
  if (fd < 0) return failed(f, op, errno, "mkdir", path);
  close(fd);
  return 0;
}
