/* JNI side of io.jcompose.cli.terminal.NativeCalls: the few system calls that the command line needs and the JDK lacks, or has only at the
 * cost of 10 ms of class loading. Each returns the call's result, or -errno. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <jni.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

#define BUFFER_BYTES (128 * 1024)
#define CALL(name) JNICALL Java_io_jcompose_cli_terminal_NativeCalls_##name

static struct termios saved;
static volatile sig_atomic_t is_raw, hides_cursor;

/* Ctrl-\ ends a client as it ends any program, and gives the terminal back. The Java runtime would write its threads between the
 * containers' lines and go on. */
static void quit(int number) {
  static const char SHOW_CURSOR[] = "\033[?25h";
  if (is_raw) tcsetattr(0, TCSANOW, &saved);
  if (hides_cursor && write(2, SHOW_CURSOR, sizeof SHOW_CURSOR - 1) < 0) is_raw = 0;
  const struct rlimit none = {0, 0};
  setrlimit(RLIMIT_CORE, &none);
  signal(number, SIG_DFL);
  raise(number);
}

JNIEXPORT jint CALL(connect)(JNIEnv *env, jclass self, jbyteArray path) {
  (void)self;
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  jsize length = (*env)->GetArrayLength(env, path);
  if (length >= (jsize)sizeof address.sun_path) return -ENAMETOOLONG;
  (*env)->GetByteArrayRegion(env, path, 0, length, (jbyte *)address.sun_path);
  signal(SIGQUIT, quit);
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return -errno;
  if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0) {
    int error = errno;
    close(fd);
    return -error;
  }
  return fd;
}

JNIEXPORT jint CALL(read)(JNIEnv *env, jclass self, jint fd, jbyteArray target, jint offset, jint length) {
  (void)self;
  jbyte buffer[BUFFER_BYTES];
  if (length > BUFFER_BYTES) length = BUFFER_BYTES;
  ssize_t count;
  do {
    count = read(fd, buffer, (size_t)length);
  } while (count < 0 && errno == EINTR);
  if (count < 0) return -errno;
  (*env)->SetByteArrayRegion(env, target, offset, (jsize)count, buffer);
  return (jint)count;
}

JNIEXPORT jint CALL(write)(JNIEnv *env, jclass self, jint fd, jbyteArray source, jint offset, jint length) {
  (void)self;
  jbyte buffer[BUFFER_BYTES];
  if (length > BUFFER_BYTES) length = BUFFER_BYTES;
  (*env)->GetByteArrayRegion(env, source, offset, length, buffer);
  ssize_t count;
  do {
    count = send(fd, buffer, (size_t)length, MSG_NOSIGNAL);
  } while (count < 0 && errno == EINTR);
  return count < 0 ? -errno : (jint)count;
}

JNIEXPORT void CALL(hidesCursor)(JNIEnv *env, jclass self, jboolean hidden) {
  (void)env, (void)self;
  hides_cursor = hidden == JNI_TRUE;
}

JNIEXPORT void CALL(endOnQuit)(JNIEnv *env, jclass self) {
  (void)env, (void)self;
  signal(SIGQUIT, quit);
}

/* Ends both directions, which wakes a thread that reads; the descriptor stays valid until close. */
JNIEXPORT jint CALL(shutdown)(JNIEnv *env, jclass self, jint fd) {
  (void)env, (void)self;
  return shutdown(fd, SHUT_RDWR) < 0 ? -errno : 0;
}

JNIEXPORT jint CALL(shutdownOutput)(JNIEnv *env, jclass self, jint fd) {
  (void)env, (void)self;
  return shutdown(fd, SHUT_WR) < 0 ? -errno : 0;
}

JNIEXPORT jboolean CALL(isTerminal)(JNIEnv *env, jclass self, jint fd) {
  (void)env, (void)self;
  return isatty(fd) ? JNI_TRUE : JNI_FALSE;
}

/* rows << 16 | columns */
JNIEXPORT jint CALL(windowSize)(JNIEnv *env, jclass self, jint fd) {
  (void)env, (void)self;
  struct winsize size;
  if (ioctl(fd, TIOCGWINSZ, &size) < 0) return -errno;
  return (jint)((unsigned)(size.ws_row & 0x7fff) << 16 | size.ws_col);
}

JNIEXPORT jint CALL(rawMode)(JNIEnv *env, jclass self, jint fd) {
  (void)env, (void)self;
  if (tcgetattr(fd, &saved) < 0) return -errno;
  struct termios raw = saved;
  cfmakeraw(&raw);
  if (tcsetattr(fd, TCSANOW, &raw) < 0) return -errno;
  is_raw = 1;
  return 0;
}

/* What is typed is not shown; signals work as ever. */
JNIEXPORT jint CALL(silentMode)(JNIEnv *env, jclass self, jint fd) {
  (void)env, (void)self;
  if (tcgetattr(fd, &saved) < 0) return -errno;
  struct termios silent = saved;
  silent.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
  if (tcsetattr(fd, TCSAFLUSH, &silent) < 0) return -errno;
  signal(SIGQUIT, quit);
  is_raw = 1;
  return 0;
}

JNIEXPORT jint CALL(restoreMode)(JNIEnv *env, jclass self, jint fd) {
  (void)env, (void)self;
  is_raw = 0;
  return tcsetattr(fd, TCSANOW, &saved) < 0 ? -errno : 0;
}

/* Runs a program in a session of its own: standard input empty, standard error appended to a log, standard output a pipe whose
 * reading end is returned. arguments: NUL after each. */
JNIEXPORT jint CALL(spawn)(JNIEnv *env, jclass self, jbyteArray arguments, jbyteArray log) {
  (void)self;
  enum { MOST = 64 };
  char *argv[MOST + 1] = {0}, path[4096] = {0};
  jsize length = (*env)->GetArrayLength(env, arguments), log_length = (*env)->GetArrayLength(env, log);
  if (log_length >= (jsize)sizeof path) return -ENAMETOOLONG;
  char *text = malloc((size_t)length + 1);
  if (!text) return -ENOMEM;
  (*env)->GetByteArrayRegion(env, arguments, 0, length, (jbyte *)text);
  (*env)->GetByteArrayRegion(env, log, 0, log_length, (jbyte *)path);
  text[length] = 0;
  int count = 0;
  for (char *at = text; at < text + length && count < MOST; at += strlen(at) + 1) argv[count++] = at;
  int ends[2] = {-1, -1}, result;
  if (pipe2(ends, O_CLOEXEC) < 0) {
    result = -errno;
    free(text);
    return result;
  }
  pid_t pid = fork();
  if (pid == 0) {
    /* Twice, so that the engine is not a child of this command: only async-signal-safe calls from here. */
    if (setsid() < 0 || fork() != 0) _exit(0);
    int null = open("/dev/null", O_RDWR), errors = open(path, O_WRONLY | O_CREAT | O_APPEND, 0640);
    dup2(null, 0);
    dup2(ends[1], 1);
    dup2(errors < 0 ? null : errors, 2);
    close_range(3, ~0u, 0);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (chdir("/") < 0) _exit(127);
    execv(argv[0], argv);
    _exit(127);
  }
  result = pid < 0 ? -errno : ends[0];
  close(ends[1]);
  if (pid < 0) close(ends[0]);
  free(text);
  return result;
}
