/* lib/jcompose-java: starts the Java runtime beside it with the options for the command line or, for `jcompose engine`, for the engine.
 * bin/jcompose becomes this program for what the engine does not do. */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* clang-format off */
static const char *const SHARED[] = {
    "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData", "-Xlog:disable",
    "--enable-native-access=ALL-UNNAMED", NULL};
/* Mapping the cache where it was made saves 4 ms, not replaying profiles as much again. */
static const char *const CLI[] = {
    "-Xms8m", "-Xmn6m", "-Xss512k", "-XX:+UnlockDiagnosticVMOptions", "-XX:ArchiveRelocationMode=0", "-XX:-AOTReplayTraining",
    /* It warns on standard output, of a .hotspotrc in the folder for one. */
    "-XX:-PrintWarnings", NULL};
/* What people set for their own Java programs is none of ours: the runtime would follow it, and say so in each command's output. */
static const char *const FOR_OTHERS[] = {"JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS", "JDK_JAVA_OPTIONS", "LC_ALL", NULL};
#define KEPT "JCOMPOSE_KEPT"
static const char *const ENGINE[] = {
    "-Xms16m", "-Xss256k", "-XX:ReservedCodeCacheSize=24m", "-XX:MaxMetaspaceSize=96m", "-XX:CICompilerCount=1",
    "-XX:-UseContainerSupport",
    /* A collection of an idle engine gives all back at once, and nothing wakes it four times a second. */
    "-XX:MinHeapFreeRatio=10", "-XX:MaxHeapFreeRatio=25", "-XX:-ShrinkHeapInSteps",
    /* The one compiler that the engine has reads no profiles: the cache is smaller without them. Mapped where it was made, half of it
     * stays as it is on the disk. */
    "-XX:+UnlockDiagnosticVMOptions", "-XX:AsyncDeflationInterval=60000", "-XX:-AOTRecordTraining", "-XX:-AOTReplayTraining",
    "-XX:ArchiveRelocationMode=0",
    /* An engine that ends by itself says why in its log, which is its standard error. */
    "-XX:+ExitOnOutOfMemoryError", "-XX:+DisplayVMOutputToStderr", "-XX:+ErrorFileToStderr",
    "--sun-misc-unsafe-memory-access=allow", "-Djdk.nio.maxCachedBufferSize=16384", "-Dio.netty.noPreferDirect=true",
    "-Dvertx.disableDnsResolver=true", NULL}; /* the jar of that resolver is left out; names are asked of the JDK */
/* clang-format on */

/* Work on many files at once (copying, comparing and archiving trees) holds its carrier of virtual threads until it is done: where
 * there are few processors there are more carriers than those, or one such work would keep all others from theirs. */
enum { CARRIERS = 8 };

static char *carriers(void) {
  static char option[80];
  long processors = sysconf(_SC_NPROCESSORS_ONLN);
  snprintf(option, sizeof option, "-Djdk.virtualThreadScheduler.parallelism=%ld", processors > CARRIERS ? processors : CARRIERS);
  return option;
}

/* An eighth of the host's memory, as large projects need, and not more than any does. */
static char *heap(void) {
  static char option[32];
  enum { LEAST = 64, MOST = 512 };
  long mib = sysconf(_SC_PHYS_PAGES) / 1024 * sysconf(_SC_PAGESIZE) / 1024 / 8;
  snprintf(option, sizeof option, "-Xmx%ldm", mib < LEAST ? LEAST : mib > MOST ? MOST : mib);
  return option;
}

static char *join(const char *a, const char *b, const char *c) {
  char *text = malloc(strlen(a) + strlen(b) + strlen(c) + 1);
  if (!text) exit(125);
  return strcat(strcat(strcpy(text, a), b), c);
}

/* The command's name decides the options; only the place of the roots may stand before `engine`. A word after it (`engine stop`) is
 * for the engine that runs. */
static int wants_engine(char **argv) {
  for (char **at = argv + 1; *at; at++) {
    if (!strcmp(*at, "engine")) return !at[1] || (at[1][0] == '-' && strcmp(at[1], "--help") != 0 && strcmp(at[1], "-h") != 0);
    if (!strcmp(*at, "--root") && at[1]) {
      at++;
    } else if (strncmp(*at, "--root=", 7) != 0) {
      return 0;
    }
  }
  return 0;
}

/* A service of that name only costs time. */
static int names(char **argv, const char *command) {
  for (char **at = argv + 1; *at; at++) {
    if (!strcmp(*at, command)) return 1;
  }
  return 0;
}

/* `config` parses by itself where no engine listens. */
static int is_config(char **argv) { return names(argv, "config") || names(argv, "convert"); }

static int is_docker(char **argv) { return argv[1] && !strcmp(argv[1], "docker"); }

/* Where the engine is, by an option or the variable; NULL where nothing says so. */
static const char *engine_host(char **argv) {
  for (char **at = argv + 1; *at; at++) {
    if ((!strcmp(*at, "-H") || !strcmp(*at, "--host")) && at[1]) return at[1];
    if (!strncmp(*at, "--host=", 7)) return *at + 7;
  }
  const char *host = getenv("JCOMPOSE_HOST");
  return is_docker(argv) && (!host || !*host) ? getenv("DOCKER_HOST") : host;
}

/* `build -o`: what is built may come as files. */
static int builds_files(char **argv) {
  int builds = 0, output = 0;
  for (char **at = argv + 1; *at; at++) {
    builds |= !strcmp(*at, "build");
    output |= !strncmp(*at, "--output", 8) || (**at == '-' && (*at)[1] != '-' && strchr(*at, 'o')); /* as -qo DIR */
  }
  return builds && output;
}

/* Files of a project are read here for an engine on another host. */
static int is_remote(char **argv) {
  const char *host = engine_host(argv);
  return host && !strncmp(host, "ssh://", 6);
}

/* The engine's socket, as Roots.java finds it; NULL when it is no path that fits. */
static const char *socket_path(char **argv) {
  static char path[PATH_MAX];
  const char *host = engine_host(argv), *root = getenv("JCOMPOSE_ROOT");
  if (host && *host) return !strncmp(host, "unix://", 7) ? host + 7 : host;
  for (char **at = argv + 1; *at; at++) {
    if (!strcmp(*at, "--root") && at[1]) root = at[1];
    if (!strncmp(*at, "--root=", 7)) root = *at + 7;
  }
  int length =
      root && *root ? snprintf(path, sizeof path, "%s/run/engine.sock", root) : snprintf(path, sizeof path, "/run/jcompose/engine.sock");
  return length > 0 && (size_t)length < sizeof path ? path : NULL;
}

static int engine_listens(char **argv) {
  const char *path = socket_path(argv);
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (!path || strlen(path) >= sizeof address.sun_path) return 1; /* Java tells what is wrong with it */
  strcpy(address.sun_path, path);
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return 0;
  int failed = connect(fd, (struct sockaddr *)&address, sizeof address);
  close(fd);
  return !failed;
}

/* The command line's class path is two jars: each further one costs it 0.4 ms. Lists in lib name the others, a line each. */
static char *class_path(const char *home, const char *list_name) {
  char *path = join(home, "/lib/jcompose-cli.jar:", home);
  path = join(path, "/lib/picocli.jar", "");
  FILE *list = list_name ? fopen(join(home, "/lib/", list_name), "re") : NULL;
  char name[256];
  while (list && fgets(name, sizeof name, list)) {
    name[strcspn(name, "\n")] = 0;
    path = join(join(path, ":", home), "/lib/", name);
  }
  return path;
}

/* A descriptor 0, 1 or 2 that the caller closed would be given to the first file that the Java runtime opens: it would be read as
 * the user's input and written over with messages. /dev/null stands for it. */
static void fill_standard_streams(void) {
  for (int fd = 0; fd < 3; fd++) {
    if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd ? O_WRONLY : O_RDONLY) != fd) exit(125);
  }
}

/* Makes the variables those that the Java runtime shall see; Main.java gives the caller's back, for compose files may want them.
 * Arguments, variables and names of files are UTF-8 whatever the locale: services, cron jobs and many an ssh have C or none, in which
 * Java takes nothing but ASCII. */
static void keep_from_runtime(void) {
  if (getenv(KEPT)) return; /* called by itself */
  for (const char *const *name = FOR_OTHERS; *name; name++) {
    const char *value = getenv(*name);
    if (value && setenv(join(KEPT "_", *name, ""), value, 1) < 0) exit(125);
    unsetenv(*name);
  }
  if (setenv(KEPT, "", 1) < 0 || setenv("LC_ALL", "C.UTF-8", 1) < 0) exit(125);
}

int main(int argc, char **argv) {
  fill_standard_streams();
  keep_from_runtime();
  char home[PATH_MAX];
  ssize_t length = readlink("/proc/self/exe", home, sizeof home - 1);
  if (length < 0) {
    perror("jcompose: /proc/self/exe");
    return 125;
  }
  home[length] = 0;
  for (int up = 0; up < 2; up++) {
    char *slash = strrchr(home, '/');
    if (slash) *slash = 0;
  }
  int engine = wants_engine(argv), config = !engine && is_config(argv), count = 0;
  int all = getenv("JCOMPOSE_ALL_JARS") != NULL;
  int files = !engine && !config && (names(argv, "cp") || builds_files(argv) || is_remote(argv)); /* reads and writes them itself */
  int local = config && !all && !engine_listens(argv);
  char **out = calloc((size_t)argc + 48, sizeof *out);
  if (!out) return 125;
  out[count++] = join(home, "/runtime/bin/java", "");
  const char *train = getenv("JCOMPOSE_AOT_TRAIN");
  const char *cache = engine ? "/lib/engine.aot" : local ? "/lib/config.aot" : "/lib/cli.aot";
  out[count++] = train ? join("-XX:AOTCacheOutput=", train, "") : join("-XX:AOTCache=", home, cache);
  for (const char *const *option = SHARED; *option; option++) out[count++] = (char *)*option;
  for (const char *const *option = engine ? ENGINE : CLI; *option; option++) out[count++] = (char *)*option;
  if (engine) out[count++] = carriers();
  if (engine) out[count++] = heap();
  if (engine || files || all) { /* the others load none of these libraries; a JVM's own way is to unpack them into /tmp */
    out[count++] = join("-Djava.library.path=", home, "/lib");
    out[count++] = join("-Djffi.boot.library.path=", home, "/lib");
  }
  out[count++] = join("-Djcompose.home=", home, "");
  if (config) out[count++] = local ? "-Djcompose.config=local" : all ? "-Djcompose.config=all" : "-Djcompose.config=engine";
  out[count++] = "-cp";
  out[count++] = class_path(home, engine || all || files ? "classpath" : local ? "config-classpath" : NULL);
  out[count++] = "io.jcompose.cli.Main";
  for (char **at = argv + 1; *at; at++) out[count++] = *at;
  execv(out[0], out);
  fprintf(stderr, "jcompose: cannot run %s\n", out[0]);
  return 127;
}
