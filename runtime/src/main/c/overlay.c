/* A container's root: its layers and one of its own, put together. Documentation/filesystems/overlayfs. */
#include "shim.h"

#include <linux/securebits.h>
#include <stdio.h>
#include <sys/fsuid.h>
#include <sys/mount.h>
#include <sys/prctl.h>

/* Before 6.7 layers cannot be given one by one: then by mount(2), through short names that fit its one page. */
static int overlay_by_mount(struct cursor layers, uint32_t count, const char *upper, const char *work, const char *at,
                            const char *options) {
  static char data[4096];
  size_t fill = 0;
  for (uint32_t i = 0; i < count; i++) {
    int fd = open(get_str(&layers), O_PATH | O_CLOEXEC);
    if (fd < 0) return -1;
    int n = snprintf(data + fill, sizeof data - fill, "%s/proc/self/fd/%d", i ? ":" : "lowerdir=", fd);
    if ((fill += (size_t)n) >= sizeof data) return errno = E2BIG, -1;
  }
  int up = open(upper, O_PATH | O_CLOEXEC), scratch = open(work, O_PATH | O_CLOEXEC);
  if (up < 0 || scratch < 0) return -1;
  const char *label = *file_label ? ",context=\"" : "", *end = *file_label ? "\"" : "";
  int n = snprintf(data + fill, sizeof data - fill, ",upperdir=/proc/self/fd/%d,workdir=/proc/self/fd/%d%s%s%s%s%s", up, scratch,
                   *options ? "," : "", options, label, file_label, end);
  if (fill + (size_t)n >= sizeof data) return errno = E2BIG, -1;
  if (mount("overlay", at, "overlay", 0, data) < 0) return -1;
  return open(at, O_PATH | O_CLOEXEC);
}

static int overlay_set(int fs, const char *key, const char *path) {
  char name[32];
  if (strlen(path) > 250) { /* fsconfig takes 255 bytes */
    int fd = open(path, O_PATH | O_CLOEXEC);
    if (fd < 0) return -1;
    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    path = name;
  }
  return fsconfig(fs, FSCONFIG_SET_STRING, key, path, 0);
}

static int overlay(struct op_view *op, struct failure *f) {
  uint32_t count = get_u32(&op->arg);
  struct cursor layers = op->arg, again = op->arg;
  for (uint32_t i = 0; i < count && !op->arg.bad; i++) get_str(&op->arg);
  const char *upper = get_str(&op->arg), *work = get_str(&op->arg), *at = get_str(&op->arg), *options = get_str(&op->arg);
  if (op->arg.bad) return failed(f, op, EPROTO, "read", "plan");
  int fs = fsopen("overlay", FSOPEN_CLOEXEC);
  /* Linux before 6.5 takes any option here, even this half one, and fills its log with complaints when it mounts. */
  bool modern = fs >= 0 && fsconfig(fs, FSCONFIG_SET_FLAG, "lowerdir+", NULL, 0) < 0;
  for (uint32_t i = 0; modern && i < count; i++) {
    const char *layer = get_str(&layers);
    if (overlay_set(fs, "lowerdir+", layer) < 0) {
      if (errno != EINVAL) return failed(f, op, errno, "overlay layer", layer);
      modern = false;
    }
  }
  if (modern) {
    fsconfig(fs, FSCONFIG_SET_STRING, "source", "overlay", 0);
    if (overlay_set(fs, "upperdir", upper) < 0 || overlay_set(fs, "workdir", work) < 0) return failed(f, op, errno, "overlay upper", upper);
    if (configure(fs, options) < 0 || set_label(fs) < 0 || fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
      return failed(f, op, errno, "mount overlay with upper", upper);
  }
  if (!modern) {
    if (fs >= 0) close(fs);
    rootfd = overlay_by_mount(again, count, upper, work, at, options);
    return rootfd < 0 ? failed(f, op, errno, "mount overlay with upper", upper) : 0;
  }
  rootfd = fsmount(fs, FSMOUNT_CLOEXEC, 0);
  if (rootfd < 0 || move_mount(rootfd, "", AT_FDCWD, at, MOVE_MOUNT_F_EMPTY_PATH) < 0) return failed(f, op, errno, "attach overlay on", at);
  close(fs);
  return 0;
}

int op_overlay(struct op_view *op, struct failure *f) {
  uint32_t uid = get_u32(&op->arg), gid = get_u32(&op->arg);
  if (uid == 0 && gid == 0) return overlay(op, f);
  /* The kernel writes to the upper directory as who mounts; where its ids are mapped, that must be one of the map. */
  if (prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP) < 0) return failed(f, op, errno, "prctl", "securebits");
  setfsgid(gid);
  setfsuid(uid);
  int result = overlay(op, f);
  setfsuid(0);
  setfsgid(0);
  return result;
}
