/* Users and groups by the container's own files, which may hold anything: read with a bound, only if regular. */
#include "shim.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static char text[64 * 1024];

static bool number(const char *s, uint32_t *value) {
  if (*s == 0) return false;
  uint64_t v = 0;
  for (const char *p = s; *p; p++) {
    if (*p < '0' || *p > '9' || (v = v * 10 + (uint64_t)(*p - '0')) > 0x7fffffff) return false;
  }
  *value = (uint32_t)v;
  return true;
}

static bool load(const char *path) {
  text[0] = 0;
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  struct stat st;
  if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
    if (fd >= 0) close(fd);
    return false;
  }
  size_t fill = 0;
  ssize_t n;
  while (fill < sizeof text - 1 && (n = read(fd, text + fill, sizeof text - 1 - fill)) > 0) fill += (size_t)n;
  text[fill] = 0;
  close(fd);
  return true;
}

/* Cuts the next line of text into fields at colons; false at the end. */
static bool next_line(char **at, char *fields[], int count) {
  if (**at == 0) return false;
  char *line = *at, *end = strchrnul(line, '\n');
  *at = *end ? end + 1 : end;
  *end = 0;
  for (int i = 0; i < count; i++) {
    fields[i] = line;
    char *colon = i < count - 1 ? strchr(line, ':') : NULL;
    if (colon) *colon = 0;
    line = colon ? colon + 1 : line + strlen(line);
  }
  return true;
}

static bool member(const char *list, const char *name) {
  size_t len = strlen(name);
  for (const char *p = list; *p;) {
    const char *end = strchrnul(p, ',');
    if ((size_t)(end - p) == len && memcmp(p, name, len) == 0) return true;
    p = *end ? end + 1 : end;
  }
  return false;
}

static void add(struct identity *id, uint32_t gid) {
  for (int i = 0; i < id->group_count; i++)
    if (id->groups[i] == gid) return;
  if (id->group_count < 256) id->groups[id->group_count++] = gid;
}

int identity_add_group(const char *group, struct identity *id) {
  uint32_t gid;
  if (number(group, &gid)) {
    add(id, gid);
    return 0;
  }
  load("/etc/group");
  char *at = text, *f[4];
  while (next_line(&at, f, 4))
    if (strcmp(f[0], group) == 0 && number(f[2], &gid)) {
      add(id, gid);
      return 0;
    }
  return EINVAL;
}

int identity_find(const char *user, const char *group, struct identity *id, char *message, size_t size) {
  char name[64] = "";
  uint32_t uid = 0, value;
  bool by_number = *user == 0 || number(user, &uid), found = false;
  id->uid = uid;
  id->gid = 0;
  id->group_count = 0;
  strcpy(id->home, "/");
  load("/etc/passwd");
  char *at = text, *f[7];
  while (!found && next_line(&at, f, 7)) {
    if (!number(f[2], &value) || !(by_number ? value == uid : strcmp(f[0], user) == 0)) continue;
    found = true;
    id->uid = value;
    if (number(f[3], &value)) id->gid = value;
    snprintf(name, sizeof name, "%s", f[0]);
    if (*f[5]) snprintf(id->home, sizeof id->home, "%s", f[5]);
  }
  if (!found && !by_number) {
    snprintf(message, size, "unable to find user %s: no matching entries in passwd file", user);
    return EINVAL;
  }
  if (*group) {
    if (number(group, &value)) {
      id->gid = value;
    } else {
      struct identity only = {.group_count = 0};
      if (identity_add_group(group, &only) != 0) {
        snprintf(message, size, "unable to find group %s: no matching entries in group file", group);
        return EINVAL;
      }
      id->gid = only.groups[0];
    }
  }
  add(id, id->gid);
  if (*group == 0 && *name && load("/etc/group")) { /* an explicit group replaces the supplementary ones */
    char *line = text, *g[4];
    while (next_line(&line, g, 4))
      if (member(g[3], name) && number(g[2], &value)) add(id, value);
  }
  return 0;
}
