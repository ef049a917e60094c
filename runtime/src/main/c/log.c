/* Docker's json-file format, byte for byte: moby daemon/logger/jsonfilelog and copier.go. */
#include "shim.h"

#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

#define OUT_FLUSH (96 * 1024)
#define RECORD_MAX (6 * 16384 + 256)
static char out[OUT_FLUSH + RECORD_MAX];
static size_t out_len;

int log_open(struct log_file *log, const char *path, int64_t max_bytes, uint32_t max_files) {
  log->path = path;
  log->max_bytes = max_bytes;
  log->max_files = max_files < 1 ? 1 : max_files;
  log->streams[0].name = "stdout";
  log->streams[1].name = "stderr";
  log->fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
  if (log->fd < 0) return -1;
  struct stat st;
  if (fstat(log->fd, &st) < 0) return -1;
  log->size = st.st_size;
  return 0;
}

static void rotate(struct log_file *log) {
  char from[PATH_MAX], to[PATH_MAX];
  close(log->fd);
  if (log->max_files == 1) {
    unlink(log->path);
  } else {
    for (uint32_t i = log->max_files - 1; i > 1; i--) {
      snprintf(from, sizeof from, "%s.%u", log->path, i - 1);
      snprintf(to, sizeof to, "%s.%u", log->path, i);
      rename(from, to);
    }
    snprintf(to, sizeof to, "%s.1", log->path);
    rename(log->path, to);
  }
  log->fd = open(log->path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
  log->size = 0;
}

/* Whole records or nothing: what does not fit on the disk is counted, and the container never waits for it. */
static void flush(struct log_file *log) {
  size_t done = 0;
  while (done < out_len && log->fd >= 0) {
    ssize_t n = write(log->fd, out + done, out_len - done);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    done += (size_t)n;
  }
  if (done < out_len) {
    log->dropped += out_len;
    if (log->fd >= 0 && done > 0 && ftruncate(log->fd, log->size) == 0) done = 0;
  }
  log->size += (int64_t)done;
  out_len = 0;
}

static void put(const char *text, size_t len) {
  memcpy(out + out_len, text, len);
  out_len += len;
}
#define PUT(literal) put(literal, sizeof(literal) - 1)

/* Length of the valid UTF-8 sequence at p, or 0: RFC 3629, as Go's utf8.DecodeRune. */
static size_t utf8(const unsigned char *p, size_t left) {
  unsigned char a = p[0];
  size_t len = a >= 0xc2 && a <= 0xdf ? 2 : (a & 0xf0) == 0xe0 ? 3 : a >= 0xf0 && a <= 0xf4 ? 4 : 0;
  if (len == 0 || len > left) return 0;
  unsigned char low = a == 0xe0 ? 0xa0 : a == 0xf0 ? 0x90 : 0x80, high = a == 0xed ? 0x9f : a == 0xf4 ? 0x8f : 0xbf;
  if (p[1] < low || p[1] > high) return 0;
  for (size_t i = 2; i < len; i++)
    if ((p[i] & 0xc0) != 0x80) return 0;
  return len;
}

static void put_escaped(const char *text, size_t len) {
  static const char hex[] = "0123456789abcdef";
  const unsigned char *p = (const unsigned char *)text, *end = p + len;
  while (p < end) {
    const unsigned char *plain = p;
    while (p < end && *p >= 0x20 && *p < 0x80 && *p != '"' && *p != '\\' && *p != '<' && *p != '>' && *p != '&') p++;
    put((const char *)plain, (size_t)(p - plain));
    if (p == end) break;
    unsigned char c = *p;
    if (c == '"' || c == '\\') {
      out[out_len++] = '\\';
      out[out_len++] = (char)c;
      p++;
    } else if (c == '\n') {
      PUT("\\n");
      p++;
    } else if (c == '\r') {
      PUT("\\r");
      p++;
    } else if (c < 0x80) {
      PUT("\\u00");
      out[out_len++] = hex[c >> 4];
      out[out_len++] = hex[c & 15];
      p++;
    } else {
      size_t n = utf8(p, (size_t)(end - p));
      if (n == 0) {
        PUT("\\ufffd");
        p++;
      } else if (n == 3 && p[0] == 0xe2 && p[1] == 0x80 && (p[2] == 0xa8 || p[2] == 0xa9)) {
        PUT("\\u202");
        out[out_len++] = p[2] == 0xa8 ? '8' : '9';
        p += n;
      } else {
        put((const char *)p, n);
        p += n;
      }
    }
  }
}

/* RFC 3339 with nanoseconds and no trailing zeros. */
static void put_time(int64_t sec, int32_t nsec) {
  static int64_t last_sec = -1;
  static char text[24];
  if (sec != last_sec) {
    struct tm tm;
    time_t t = (time_t)sec;
    gmtime_r(&t, &tm);
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &tm);
    last_sec = sec;
  }
  put(text, 19);
  if (nsec != 0) {
    char digits[10] = ".";
    int end = 9;
    for (int i = 9; i > 0; i--, nsec /= 10) digits[i] = (char)('0' + nsec % 10);
    while (digits[end] == '0') end--;
    put(digits, (size_t)end + 1);
  }
  out[out_len++] = 'Z';
}

static void record(struct log_file *log, const char *stream, const char *text, size_t len, bool newline, int64_t sec, int32_t nsec) {
  if (log->max_bytes > 0 && log->size + (int64_t)out_len >= log->max_bytes) {
    flush(log);
    rotate(log);
  }
  PUT("{\"log\":\"");
  put_escaped(text, len);
  if (newline) PUT("\\n");
  PUT("\",\"stream\":\"");
  put(stream, 6);
  PUT("\",\"time\":\"");
  put_time(sec, nsec);
  PUT("\"}\n");
  if (out_len >= OUT_FLUSH) flush(log);
}

void log_write(struct log_file *log, int stream, const char *data, size_t len, int64_t sec, int32_t nsec) {
  struct log_stream *s = &log->streams[stream - 1];
  while (len > 0) {
    if (!s->cut) { /* all parts of a cut line carry the time of its first */
      s->sec = sec;
      s->nsec = nsec;
    }
    size_t room = sizeof s->line - s->fill, span = len < room ? len : room;
    const char *newline = memchr(data, '\n', span);
    if (newline) {
      size_t n = (size_t)(newline - data);
      if (s->fill == 0) {
        record(log, s->name, data, n, true, s->sec, s->nsec);
      } else {
        memcpy(s->line + s->fill, data, n);
        record(log, s->name, s->line, s->fill + n, true, s->sec, s->nsec);
      }
      s->fill = 0;
      s->cut = false;
      data += n + 1;
      len -= n + 1;
      continue;
    }
    memcpy(s->line + s->fill, data, span);
    s->fill += (uint32_t)span;
    data += span;
    len -= span;
    if (s->fill == sizeof s->line) {
      record(log, s->name, s->line, s->fill, false, s->sec, s->nsec);
      s->fill = 0;
      s->cut = true;
    }
  }
  if (out_len > 0) flush(log);
}

void log_finish(struct log_file *log, int stream) {
  struct log_stream *s = &log->streams[stream - 1];
  if (s->fill > 0) record(log, s->name, s->line, s->fill, false, s->sec, s->nsec);
  s->fill = 0;
  if (out_len > 0) flush(log);
}
