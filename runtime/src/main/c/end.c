/* The end of a task: why it ended, its record, and its cgroups. */
#include "shim.h"

#define KILL_ROUNDS 20
#define FIGURE_MAX 512

/* What was killed may take a moment to leave. Groups that a container made in its own are the engine's to remove. */
void remove_cgroups(void) {
  struct stat st;
  for (int i = task.cgroup_count; i-- > 0;)
    for (int tries = 0; rmdir(task.cgroups[i]) < 0 && errno == EBUSY && tries < 500; tries++) {
      if (stat(task.cgroups[i], &st) < 0 || st.st_nlink > 2) break;
      usleep(2000);
    }
}

/* Kills the processes in a group, or only those of a session; returns how many there were. */
static int kill_in(const char *group, pid_t session) {
  char path[PATH_MAX];
  int pid, found = 0;
  snprintf(path, sizeof path, "%s/cgroup.kill", group);
  if (session == 0 && write_file(path, "1") == 0) return 0;
  snprintf(path, sizeof path, "%s/cgroup.procs", group); /* cgroup v1 cannot kill a group as a whole */
  FILE *procs = fopen(path, "re");
  while (procs && fscanf(procs, "%d", &pid) == 1)
    if (pid > 1 && (session == 0 || getsid(pid) == session)) found += kill(pid, SIGKILL) == 0;
  if (procs) fclose(procs);
  return found;
}

/* The last group is that of cgroup v2. Again for what was forked meanwhile. */
void kill_all(pid_t session) {
  for (int i = task.cgroup_count - 1; i >= 0; i--)
    for (int rounds = 0; kill_in(task.cgroups[i], session) > 0 && rounds < KILL_ROUNDS; rounds++) usleep(500);
}

/* Lines of what is known, then the files that the engine wants to see: it makes sense of them. An exec's is only told. */
static size_t describe_end(char *to) {
  struct timespec ended;
  int status = task.proc.status, sig = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  clock_gettime(CLOCK_REALTIME, &ended);
  int n = snprintf(to, 1024, "version=1\nid=%.128s\npid=%d\ncode=%d\nsignal=%d\nstarted=%lld.%09ld\nended=%lld.%09ld\n", task.id,
                   task.proc.pid, sig ? 128 + sig : WEXITSTATUS(status), sig, (long long)task.started.tv_sec, task.started.tv_nsec,
                   (long long)ended.tv_sec, ended.tv_nsec);
  for (int i = 0; i < task.figure_count && !task.is_exec; i++) {
    int fd = open(task.figures[i], O_RDONLY | O_CLOEXEC);
    if (fd < 0) continue;
    n += sprintf(to + n, "file=%.200s\n", basename(task.figures[i]));
    ssize_t got = read(fd, to + n, FIGURE_MAX);
    n += got > 0 ? (int)got : 0;
    close(fd);
  }
  to[n] = 0;
  const char *oom = strstr(to, "\noom_kill ");
  return (size_t)(n + sprintf(to + n, "oom=%d\n", oom != NULL && oom[10] != '0'));
}

/* Before anything else that follows the end: no later failure may lose it. */
void record_exit(void) {
  char temp[PATH_MAX];
  size_t n = describe_end(task.record);
  snprintf(temp, sizeof temp, "%s.tmp", task.exit_path);
  int fd = task.is_exec ? -1 : open(temp, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return;
  if (write(fd, task.record, n) == (ssize_t)n && ftruncate(fd, (off_t)n) == 0 && fdatasync(fd) == 0) rename(temp, task.exit_path);
  close(fd);
  *strrchr(temp, '/') = 0;
  fsync(fd = open(temp, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  close_fd(&fd);
}
