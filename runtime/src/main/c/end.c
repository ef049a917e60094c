/* The end of a task: why it ended, its record, and its cgroups. */
#include "task.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

/* Reads a file of the group that counts OOM kills, by its name in cgroup v2 or v1; empty when there is none. */
static const char *read_memory(const char *v2, const char *v1) {
  static char text[512];
  char path[PATH_MAX];
  text[0] = 0;
  for (int i = 0; i < cgroup_count; i++) {
    if (!(cgroups[i].flags & CG_OOM)) continue;
    snprintf(path, sizeof path, "%s/%s", cgroups[i].path, v2);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
      snprintf(path, sizeof path, "%s/%s", cgroups[i].path, v1);
      fd = open(path, O_RDONLY | O_CLOEXEC);
    }
    if (fd < 0) continue;
    ssize_t n = read(fd, text, sizeof text - 1);
    close(fd);
    text[n > 0 ? n : 0] = 0;
  }
  return text;
}

uint32_t read_oom(void) {
  const char *at = strstr(read_memory("memory.events", "memory.oom_control"), "oom_kill ");
  return at ? (uint32_t)strtoul(at + 9, NULL, 10) : 0;
}

void remove_cgroups(void) {
  for (int i = cgroup_count - 1; i >= 0; i--) {
    if (cgroups[i].flags & CG_KEEP) continue;
    for (int tries = 0; rmdir(cgroups[i].path) < 0 && errno == EBUSY && tries < 500; tries++) usleep(2000);
  }
}

void kill_rest(void) {
  char path[PATH_MAX];
  for (int i = 0; i < cgroup_count; i++) {
    snprintf(path, sizeof path, "%s/cgroup.kill", cgroups[i].path);
    write_file(path, "1");
  }
}

/* Before anything else that follows the end: no later failure may lose it. */
void record_exit(const struct proc *p) {
  char text[512], temp[PATH_MAX];
  int sig = WIFSIGNALED(p->status) ? WTERMSIG(p->status) : 0;
  clock_gettime(CLOCK_REALTIME, &ended_at);
  oom_kills = read_oom() - oom_base;
  if (oom_kills > 0) {
    oom_peak = strtoull(read_memory("memory.peak", "memory.max_usage_in_bytes"), NULL, 10);
    oom_limit = strtoull(read_memory("memory.max", "memory.limit_in_bytes"), NULL, 10);
  }
  int n = snprintf(text, sizeof text,
                   "version=1\nid=%s\npid=%d\ncode=%d\nsignal=%d\noom=%d\nstarted=%lld.%09ld\nended=%lld.%09ld\noom_peak=%llu\noom_limit=%llu\n",
                   task_id, p->pid, sig ? 128 + sig : WEXITSTATUS(p->status), sig, oom_kills > 0, (long long)started.tv_sec, started.tv_nsec,
                   (long long)ended_at.tv_sec, ended_at.tv_nsec, (unsigned long long)oom_peak, (unsigned long long)oom_limit);
  snprintf(temp, sizeof temp, "%s.tmp", exit_path);
  int fd = open(temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return;
  if (write_all(fd, text, (size_t)n) == 0 && fdatasync(fd) == 0) rename(temp, exit_path);
  close(fd);
  char *slash = strrchr(temp, '/');
  if (slash) *slash = 0;
  int dir = open(temp, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (dir >= 0) fsync(dir);
  if (dir >= 0) close(dir);
}
