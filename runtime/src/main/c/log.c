/* Docker's json-file format, byte for byte: moby daemon/logger/jsonfilelog and copier.go. */
#include "shim.h"

#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

#define OUT_FLUSH (96 * 1024)
#define RECORD_MAX (6 * 16384 + LOG_ATTRS_MAX + 256)
static char out[OUT_FLUSH + RECORD_MAX + LOG_ATTRS_MAX + 1024];
static size_t out_len, out_raw; /* out_raw: how much of the container's output is in it */

static bool tell_dropped(struct log_file *log);

static void reopen(struct log_file *log) {
  struct stat st;
  log->fd = open(log->path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
  if (log->fd < 0) log->why = errno;
  log->size = log->fd >= 0 && fstat(log->fd, &st) == 0 ? st.st_size : 0;
}

int log_open(struct log_file *log, const char *path, int64_t max_bytes, uint32_t max_files) {
  log->path = path;
  log->max_bytes = max_bytes;
  log->max_files = max_files < 1 ? 1 : max_files;
  log->attrs = "";
  reopen(log);
  return log->fd < 0 ? -1 : 0;
}

/* A rotated file has one of two names: as it was written, or packed by the engine. None has number 0. */
static void name_file(char *name, const struct log_file *log, uint32_t number, bool packed) {
  if (number == 0) snprintf(name, PATH_MAX, "%s%s", log->path, packed ? ".gz" : "");
  else snprintf(name, PATH_MAX, "%s.%u%s", log->path, number, packed ? ".gz" : "");
}

static void rotate(struct log_file *log) {
  char from[PATH_MAX], to[PATH_MAX];
  close(log->fd);
  for (uint32_t i = log->max_files; i-- > 0;)
    for (int packed = 0; packed < 2; packed++) {
      name_file(from, log, i, packed);
      name_file(to, log, i + 1, packed);
      if (i == log->max_files - 1) unlink(from);
      else rename(from, to);
    }
  log->rotations++;
  reopen(log);
}

/* Puts the packed form of a rotated file in its place: only here are files renamed, so it cannot go to a wrong number. */
void log_packed(struct log_file *log, uint64_t inode) {
  char packed[PATH_MAX], plain[PATH_MAX], name[PATH_MAX];
  struct stat st;
  snprintf(packed, sizeof packed, "%s.%llu.tmp", log->path, (unsigned long long)inode);
  for (uint32_t i = 1; i < log->max_files; i++) {
    name_file(plain, log, i, false);
    if (lstat(plain, &st) < 0 || st.st_ino != inode) continue;
    name_file(name, log, i, true);
    if (rename(packed, name) == 0) unlink(plain);
    return;
  }
  unlink(packed);
}

/* All of it or nothing. */
static bool append(struct log_file *log, const char *data, size_t len) {
  size_t done = 0;
  if (log->fd < 0) reopen(log);
  while (done < len && log->fd >= 0) {
    ssize_t n = write(log->fd, data + done, len - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) log->why = errno;
    if (n <= 0) break;
    done += (size_t)n;
  }
  bool all = done == len;
  if (!all && done > 0 && log->fd >= 0 && ftruncate(log->fd, log->size) == 0) done = 0;
  log->size += (int64_t)done;
  return all;
}

/* What cannot be written is counted, and told in the log as soon as it can be; the container never waits for it. */
static void flush(struct log_file *log) {
  if ((log->dropped > 0 && !tell_dropped(log)) || !append(log, out, out_len)) log->dropped += out_raw;
  out_len = out_raw = 0;
}

static void put(const char *text, size_t len) {
  memcpy(out + out_len, text, len);
  out_len += len;
}
#define PUT(literal) put(literal, sizeof(literal) - 1)

/* Length of the UTF-8 sequence at p: RFC 3629, as Go's utf8.DecodeRune. 0 if it is none, -1 if its rest is to come. */
static int utf8(const unsigned char *p, size_t left) {
  unsigned char a = p[0], low = a == 0xe0 ? 0xa0 : a == 0xf0 ? 0x90 : 0x80, high = a == 0xed ? 0x9f : a == 0xf4 ? 0x8f : 0xbf;
  int len = a < 0x80 ? 1 : a < 0xc2 || a > 0xf4 ? 0 : a < 0xe0 ? 2 : a < 0xf0 ? 3 : 4;
  for (int i = 1; i < len; i++, low = 0x80, high = 0xbf) {
    if ((size_t)i == left) return -1;
    if (p[i] < low || p[i] > high) return 0;
  }
  return len;
}

static void put_escaped(const char *text, size_t len) {
  const unsigned char *p = (const unsigned char *)text, *end = p + len;
  while (p < end) {
    const unsigned char *plain = p;
    while (p < end && *p >= 0x20 && *p < 0x80 && *p != '"' && *p != '\\' && *p != '<' && *p != '>' && *p != '&') p++;
    put((const char *)plain, (size_t)(p - plain));
    if (p == end) break;
    int n = utf8(p, (size_t)(end - p));
    const char *pair = memchr("\"\"\\\\\nn\rr", *p, 8);
    if (pair) {
      PUT("\\");
      put(pair + 1, 1);
    } else if (n <= 0) {
      PUT("\\ufffd");
    } else if (n == 1) {
      PUT("\\u00");
      put(&"0123456789abcdef"[*p >> 4], 1);
      put(&"0123456789abcdef"[*p & 15], 1);
    } else if (n == 3 && p[0] == 0xe2 && p[1] == 0x80 && (p[2] | 1) == 0xa9) { /* ends of lines in JavaScript */
      PUT("\\u202");
      put(p[2] & 1 ? "9" : "8", 1);
    } else {
      put((const char *)p, (size_t)n);
    }
    p += n > 0 ? n : 1;
  }
}

/* RFC 3339 with nanoseconds and no trailing zeros. */
static void format_time(char text[LOG_TIME_MAX], struct timespec at) {
  struct tm tm;
  size_t len = strftime(text, LOG_TIME_MAX, "%Y-%m-%dT%H:%M:%S", gmtime_r(&at.tv_sec, &tm));
  if (at.tv_nsec != 0) len += (size_t)sprintf(text + len, ".%09ld", at.tv_nsec);
  while (at.tv_nsec != 0 && text[len - 1] == '0') len--;
  strcpy(text + len, "Z");
}

static void put_record(struct log_file *log, const char *stream, const char *text, size_t len, bool newline) {
  PUT("{\"log\":\"");
  put_escaped(text, len);
  if (newline) PUT("\\n");
  PUT("\",\"stream\":\"");
  put(stream, 6);
  PUT("\",");
  if (*log->attrs) {
    PUT("\"attrs\":");
    put(log->attrs, strlen(log->attrs));
    PUT(",");
  }
  PUT("\"time\":\"");
  put(log->at, strlen(log->at));
  PUT("\"}\n");
}

/* Writes what a stream has of a line. */
static void record(struct log_file *log, struct log_stream *s, bool newline) {
  if (log->max_bytes > 0 && log->size + (int64_t)out_len >= log->max_bytes) {
    flush(log);
    rotate(log);
  }
  log->at = s->at;
  put_record(log, s == log->streams ? "stdout" : "stderr", s->line, s->fill, newline);
  out_raw += s->fill + newline;
  s->fill = 0;
  if (out_len >= OUT_FLUSH) flush(log);
}

/* Says in the log how much is missing, behind what waits to be written, and from there: so it needs no buffer of its own. */
static bool tell_dropped(struct log_file *log) {
  char text[160];
  size_t waiting = out_len;
  int n = snprintf(text, sizeof text, "jcompose: %llu bytes of output were dropped here: %s", (unsigned long long)log->dropped,
                   strerror(log->why));
  put_record(log, "stderr", text, (size_t)n, true);
  bool told = append(log, out + waiting, out_len - waiting);
  out_len = waiting;
  if (told) log->dropped = 0;
  return told;
}

/* How many bytes at the end are a character whose rest is to come. */
static size_t unfinished(const char *text, size_t len) {
  for (size_t n = 1; n <= 3 && n <= len; n++)
    if (utf8((const unsigned char *)text + len - n, n) < 0) return n;
  return 0;
}

void log_write(struct log_file *log, int stream, const char *data, size_t len, struct timespec at) {
  struct log_stream *s = &log->streams[stream - 1];
  char time[LOG_TIME_MAX];
  format_time(time, at);
  while (len > 0) {
    if (!s->cut) strcpy(s->at, time); /* all parts of a cut line carry the time of its first */
    size_t room = sizeof s->line - s->fill, span = len < room ? len : room;
    const char *newline = memchr(data, '\n', span);
    if (newline) span = (size_t)(newline - data);
    memcpy(s->line + s->fill, data, span);
    s->fill += (uint32_t)span;
    if (newline || s->fill == sizeof s->line) {
      /* A line is not cut within a character: neither half could be written. */
      size_t kept = newline ? 0 : unfinished(s->line, s->fill);
      char rest[3];
      s->fill -= (uint32_t)kept;
      memcpy(rest, s->line + s->fill, kept);
      record(log, s, newline != NULL);
      s->cut = newline == NULL;
      memcpy(s->line, rest, kept);
      s->fill = (uint32_t)kept;
    }
    if (newline) span++;
    data += span;
    len -= span;
  }
  if (out_len > 0 || log->dropped > 0) flush(log);
}

void log_finish(struct log_file *log, int stream) {
  struct log_stream *s = &log->streams[stream - 1];
  if (s->fill > 0) record(log, s, false);
  if (out_len > 0 || log->dropped > 0) flush(log);
}
