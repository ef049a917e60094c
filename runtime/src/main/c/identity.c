/* Users and groups by the container's own files, which may hold anything: opened only if regular. */
#include "shim.h"

#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static char line[64 * 1024]; /* a longer one ends the search */

static bool number(const char *s, uint32_t *value) {
  if (*s == 0 || strspn(s, "0123456789") != strlen(s) || strlen(s) > 10 || strtoul(s, NULL, 10) > INT32_MAX) return false;
  *value = (uint32_t)strtoul(s, NULL, 10);
  return true;
}

static FILE *database(const char *path) {
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  struct stat st;
  FILE *file = fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) ? fdopen(fd, "r") : NULL;
  if (file == NULL && fd >= 0) close(fd);
  return file;
}

static void add(struct identity *id, uint32_t gid) {
  for (int i = 0; i < id->group_count; i++)
    if (id->groups[i] == gid) return;
  if (id->group_count < GROUPS) id->groups[id->group_count++] = gid;
}

static bool has_member(const struct group *g, const char *name) {
  for (char **member = g->gr_mem; *member; member++)
    if (strcmp(*member, name) == 0) return true;
  return false;
}

/* Adds the group of this name, or all that have this member; false when there is none. */
static bool add_groups(struct identity *id, const char *name, const char *member) {
  struct group entry, *g;
  bool found = false;
  FILE *file = database("/etc/group");
  while (file && (name == NULL || !found) && fgetgrent_r(file, &entry, line, sizeof line, &g) == 0) {
    if (name ? strcmp(g->gr_name, name) != 0 : !has_member(g, member)) continue;
    add(id, g->gr_gid);
    found = true;
  }
  if (file) fclose(file);
  return found;
}

static int refuse(const char *kind, const char *name, const char *database, char *message, size_t size) {
  if (database == NULL || (*name && strspn(name, "0123456789") == strlen(name))) snprintf(message, size, "uids and gids must be in range 0-2147483647: %s %s", kind, name);
  else snprintf(message, size, "unable to find %s %s: no matching entries in %s file", kind, name, database);
  return EINVAL;
}

int identity_add_group(const char *group, struct identity *id) {
  uint32_t gid;
  if (number(group, &gid)) add(id, gid);
  else if (!add_groups(id, group, NULL)) return EINVAL;
  return 0;
}

int identity_find(const char *user, const char *group, struct identity *id, char *message, size_t size) {
  char name[64] = "";
  struct passwd entry, *p;
  *id = (struct identity){.home = "/"};
  bool by_number = *user == 0 || number(user, &id->uid);
  FILE *file = database("/etc/passwd");
  while (file && *name == 0 && fgetpwent_r(file, &entry, line, sizeof line, &p) == 0) {
    if (by_number ? p->pw_uid != id->uid : strcmp(p->pw_name, user) != 0) continue;
    id->uid = p->pw_uid;
    id->gid = p->pw_gid;
    snprintf(name, sizeof name, "%s", p->pw_name);
    if (*p->pw_dir) snprintf(id->home, sizeof id->home, "%s", p->pw_dir);
  }
  if (file) fclose(file);
  if (*name == 0 && !by_number) return refuse("user", user, "passwd", message, size);
  struct identity only = {.group_count = 0};
  if (*group && identity_add_group(group, &only) != 0) return refuse("group", group, "group", message, size);
  if (*group) id->gid = only.groups[0];
  add(id, id->gid);
  if (*group == 0 && *name) add_groups(id, NULL, name); /* an explicit group replaces the supplementary ones */
  bool fits = id->uid <= INT32_MAX; /* to the kernel the largest means "leave it as it is": root */
  for (int i = 0; i < id->group_count; i++) fits = fits && id->groups[i] <= INT32_MAX;
  return fits ? 0 : refuse("user", user, NULL, message, size);
}
