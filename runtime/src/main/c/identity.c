/* Users and groups by the container's own files, which may hold anything: opened only if regular, and read field by field, so that a
 * line may be as long as it wants. man 5 passwd, man 5 group. */
#include "shim.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define FIELDS 6
#define TEXT 4096

static char fields[FIELDS][TEXT];

static bool number(const char *s, uint32_t *value) {
  if (*s == 0 || strspn(s, "0123456789") != strlen(s) || strlen(s) > 10 || strtoul(s, NULL, 10) > INT32_MAX) return false;
  *value = (uint32_t)strtoul(s, NULL, 10);
  return true;
}

/* The number of an entry; one that is too large for any is refused later. */
static bool entry_number(const char *s, uint32_t *value) {
  unsigned long long wide = strtoull(s, NULL, 10);
  *value = wide > UINT32_MAX ? UINT32_MAX : (uint32_t)wide;
  return *s != 0 && strspn(s, "0123456789") == strlen(s);
}

static FILE *database(const char *path) {
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  struct stat st;
  FILE *file = fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) ? fdopen(fd, "r") : NULL;
  if (file == NULL && fd >= 0) close(fd);
  return file;
}

/* Reads up to a mark or the end of the line, and returns which. What is too long for a name or a number is left out: it is neither. */
static int read_field(FILE *file, int mark, char *text) {
  size_t fill = 0;
  int c;
  while ((c = getc_unlocked(file)) != EOF && c != '\n' && c != mark)
    if (fill < TEXT) text[fill++] = (char)c;
  text[fill < TEXT ? fill : 0] = 0;
  return c;
}

/* Reads the first fields of a line; returns what ended the last of them. */
static int read_fields(FILE *file, int count) {
  int end = ':';
  for (int i = 0; i < count; i++) {
    *fields[i] = 0;
    if (end == ':') end = read_field(file, ':', fields[i]);
  }
  return end;
}

static void add(struct identity *id, uint32_t gid) {
  for (int i = 0; i < id->group_count; i++)
    if (id->groups[i] == gid) return;
  if (id->group_count < GROUPS) id->groups[id->group_count++] = gid;
}

/* Adds the group of this name, or all that have this member; false when there is none. */
static bool add_groups(struct identity *id, const char *name, const char *member) {
  bool found = false;
  FILE *file = database("/etc/group");
  for (int end = 0; file && end != EOF && (name == NULL || !found);) {
    uint32_t gid;
    end = read_fields(file, 3);
    bool known = entry_number(fields[2], &gid), wanted = name && strcmp(fields[0], name) == 0;
    while (end == ':' || end == ',') {
      end = read_field(file, ',', fields[3]);
      wanted |= member && strcmp(fields[3], member) == 0;
    }
    if (!known || !wanted) continue;
    add(id, gid);
    found = true;
  }
  if (file) fclose(file);
  return found;
}

static int refuse(const char *kind, const char *name, const char *database, char *message, size_t size) {
  if (database == NULL || (*name && strspn(name, "0123456789") == strlen(name)))
    snprintf(message, size, "uids and gids must be in range 0-2147483647: %s %s", kind, name);
  else snprintf(message, size, "unable to find %s %s: no matching entries in %s file", kind, name, database);
  return EINVAL;
}

int identity_add_group(const char *group, struct identity *id) {
  uint32_t gid;
  if (number(group, &gid)) add(id, gid);
  else if (!add_groups(id, group, NULL)) return EINVAL;
  return 0;
}

/* Takes the first entry of the user; its name is left in the first field. */
static bool find_user(const char *user, bool by_number, struct identity *id) {
  bool found = false;
  FILE *file = database("/etc/passwd");
  for (int end = 0; file && end != EOF && !found;) {
    uint32_t uid, gid;
    end = read_fields(file, FIELDS);
    while (end != '\n' && end != EOF) end = getc_unlocked(file);
    if (!entry_number(fields[2], &uid) || !entry_number(fields[3], &gid) || (by_number ? uid != id->uid : strcmp(fields[0], user) != 0))
      continue;
    id->uid = uid;
    id->gid = gid;
    if (*fields[5]) memcpy(id->home, fields[5], TEXT);
    found = true;
  }
  if (file) fclose(file);
  return found;
}

int identity_find(const char *user, const char *group, struct identity *id, char *message, size_t size) {
  static struct identity only;
  static char name[TEXT];
  id->uid = id->gid = 0;
  id->group_count = 0;
  strcpy(id->home, "/");
  bool by_number = *user == 0 || number(user, &id->uid), found = find_user(user, by_number, id);
  if (!found && !by_number) return refuse("user", user, "passwd", message, size);
  if (*group && identity_add_group(group, &only) != 0) return refuse("group", group, "group", message, size);
  if (*group) id->gid = only.groups[0];
  memcpy(name, fields[0], TEXT);
  add(id, id->gid);
  if (*group == 0 && found) add_groups(id, NULL, name); /* an explicit group replaces the supplementary ones */
  bool fits = id->uid <= INT32_MAX; /* to the kernel the largest means "leave it as it is": root */
  for (int i = 0; i < id->group_count; i++) fits = fits && id->groups[i] <= INT32_MAX;
  return fits ? 0 : refuse("user", user, NULL, message, size);
}
