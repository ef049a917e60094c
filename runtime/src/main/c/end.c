/* The end of a task: why it ended, its record, and its cgroups. */
#include "task.h"

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define KILL_ROUNDS 20

/* The number behind a word in a file of the group that counts OOM kills, as cgroup v2 or v1 call it; 0 when there is none. */
static uint64_t read_memory(const char *v2, const char *v1, const char *word) {
  char path[PATH_MAX], text[512];
  for (int i = 0; i < 2 * task.cgroup_count; i++) {
    struct cgroup *g = &task.cgroups[i / 2];
    if (!(g->flags & CG_OOM)) continue;
    snprintf(path, sizeof path, "%s/%s", g->path, i % 2 ? v1 : v2);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) continue;
    ssize_t n = read(fd, text, sizeof text - 1);
    close(fd);
    text[n > 0 ? n : 0] = 0;
    const char *at = strstr(text, word);
    return at ? strtoull(at + strlen(word), NULL, 10) : 0;
  }
  return 0;
}

/* What was killed may take a moment to leave. Groups that a container made in its own are the engine's to remove. */
void remove_cgroups(void) {
  struct stat st;
  for (int i = task.cgroup_count - 1; i >= 0; i--) {
    const char *path = task.cgroups[i].path;
    for (int tries = 0; rmdir(path) < 0 && errno == EBUSY && tries < 500 && stat(path, &st) == 0 && st.st_nlink == 2; tries++) usleep(2000);
  }
}

/* Kills the processes in a group, or only those of a session; returns how many there were. */
static int kill_in(const struct cgroup *g, pid_t session) {
  char path[PATH_MAX];
  int pid, found = 0;
  snprintf(path, sizeof path, "%s/cgroup.procs", g->path);
  FILE *procs = fopen(path, "re");
  while (procs && fscanf(procs, "%d", &pid) == 1)
    if (pid > 1 && (session == 0 || getsid(pid) == session)) found += kill(pid, SIGKILL) == 0;
  if (procs) fclose(procs);
  return found;
}

void kill_session(pid_t session) {
  for (struct cgroup *g = task.cgroups; g < task.cgroups + task.cgroup_count; g++)
    if (g->flags & CG_JOIN) /* again for what was forked meanwhile */
      for (int rounds = 0; kill_in(g, session) > 0 && rounds < KILL_ROUNDS; rounds++) usleep(500);
}

/* cgroup v1 cannot kill a group as a whole: its processes are killed one by one. */
void kill_cgroups(void) {
  char path[PATH_MAX];
  bool killed = false;
  for (int i = 0; i < task.cgroup_count; i++) {
    snprintf(path, sizeof path, "%s/cgroup.kill", task.cgroups[i].path);
    killed |= write_file(path, "1") == 0;
  }
  if (!killed) kill_session(0);
}

/* Before anything else that follows the end: no later failure may lose it. */
void record_exit(void) {
  char text[512], temp[PATH_MAX];
  int status = task.proc.status, sig = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  clock_gettime(CLOCK_REALTIME, &task.ended);
  task.oom_kills = read_memory("memory.events", "memory.oom_control", "oom_kill ");
  if (task.oom_kills > 0) {
    task.oom_peak = read_memory("memory.peak", "memory.max_usage_in_bytes", "");
    task.oom_limit = read_memory("memory.max", "memory.limit_in_bytes", "");
  }
  int n = snprintf(
      text, sizeof text,
      "version=1\nid=%s\npid=%d\ncode=%d\nsignal=%d\noom=%d\nstarted=%lld.%09ld\nended=%lld.%09ld\noom_peak=%llu\noom_limit=%llu\n",
      task.id, task.proc.pid, sig ? 128 + sig : WEXITSTATUS(status), sig, task.oom_kills > 0, (long long)task.started.tv_sec,
      task.started.tv_nsec, (long long)task.ended.tv_sec, task.ended.tv_nsec, (unsigned long long)task.oom_peak,
      (unsigned long long)task.oom_limit);
  snprintf(temp, sizeof temp, "%s.tmp", task.exit_path);
  int fd = open(temp, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return;
  if (write_all(fd, text, (size_t)n) == 0 && ftruncate(fd, n) == 0 && fdatasync(fd) == 0) rename(temp, task.exit_path);
  close(fd);
  *strrchr(temp, '/') = 0;
  int dir = open(temp, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (dir < 0) return;
  fsync(dir);
  close(dir);
}
