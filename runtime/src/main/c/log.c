/* Docker's json-file format, byte for byte: moby daemon/logger/jsonfilelog and copier.go. */
#include "shim.h"

#define ATTRS_MAX 16384
#define LONGEST_RECORD (6 * 16384 + ATTRS_MAX + 256)
#define OUT_FLUSH (96 * 1024)
static char out[OUT_FLUSH + LONGEST_RECORD + ATTRS_MAX + 1024];
static size_t out_len, out_raw; /* out_raw: how much of the container's output is in it */

static struct stream {
  uint32_t fill;
  bool cut;
  struct timespec at; /* whose tail this is */
  size_t tail_len;
  char tail[ATTRS_MAX + 128], line[16384];
} streams[2];

static struct log {
  int fd;
  const char *path, *attrs; /* a JSON object for each record, or empty */
  int64_t size, max_bytes;
  uint32_t max_files, next; /* the number of the next one that is rotated */
  uint64_t dropped; /* bytes of output that could not be written and that no record tells of */
  int why;
  struct timespec at; /* of what was written last */
} file;

static void reopen(void) {
  struct stat st;
  file.fd = open(file.path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
  if (file.fd < 0) file.why = errno;
  file.size = file.fd >= 0 && fstat(file.fd, &st) == 0 ? st.st_size : 0;
}

int log_open(const char *path, int64_t max_bytes, uint32_t max_files, uint32_t next, const char *attrs) {
  file = (struct log){.path = path, .attrs = attrs, .max_bytes = max_bytes, .max_files = max_files < 1 ? 1 : max_files, .next = next};
  if (strlen(attrs) > ATTRS_MAX) return errno = E2BIG, -1;
  reopen();
  return file.fd < 0 ? -1 : 0;
}

void log_close(void) { close_fd(&file.fd); }

/* Rotated files are numbered on and keep their names, so that the engine can pack them at any time; then .gz is behind. */
static void rotate(void) {
  char name[PATH_MAX];
  close(file.fd);
  snprintf(name, sizeof name, "%s.%u", file.path, file.next);
  rename(file.path, name);
  for (int packed = 0; packed < 2; packed++) {
    snprintf(name, sizeof name, "%s.%u%s", file.path, file.next - (file.max_files - 1), packed ? ".gz" : "");
    unlink(name);
  }
  file.next++;
  reopen();
}

/* All of it or nothing. */
static bool append(const char *data, size_t len) {
  size_t done = 0;
  if (file.fd < 0) reopen();
  while (done < len && file.fd >= 0) {
    ssize_t n = write(file.fd, data + done, len - done);
    if (n < 0) file.why = errno;
    if (n <= 0) break;
    done += (size_t)n;
  }
  bool all = done == len;
  if (!all && done > 0 && file.fd >= 0 && ftruncate(file.fd, file.size) == 0) done = 0;
  file.size += (int64_t)done;
  return all;
}

static void put(const void *text, size_t len) {
  memcpy(out + out_len, text, len);
  out_len += len;
}

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
  for (const unsigned char *p = (const unsigned char *)text, *end = p + len, *plain; p < end;) {
    for (plain = p; p < end && *p >= 0x20 && *p < 0x80 && *p != '"' && *p != '\\' && *p != '<' && *p != '>' && *p != '&';) p++;
    put(plain, (size_t)(p - plain));
    if (p == end) break;
    int n = utf8(p, (size_t)(end - p));
    const char *pair = memchr("\"\"\\\\\nn\rr", *p, 8);
    bool ends_line = n == 3 && p[0] == 0xe2 && p[1] == 0x80 && (p[2] | 1) == 0xa9; /* in JavaScript */
    if (pair) out_len += (size_t)sprintf(out + out_len, "\\%c", pair[1]);
    else if (n <= 0) put("\\ufffd", 6);
    else if (n == 1 || ends_line) out_len += (size_t)sprintf(out + out_len, "\\u%04x", n == 1 ? *p : 0x2000u + (p[2] & 0x3f));
    else put(p, (size_t)n);
    p += n > 0 ? n : 1;
  }
}

/* What all records of a stream end with that are of this time: RFC 3339 with nanoseconds and no trailing zeros. */
static void stamp(struct stream *s, struct timespec at) {
  char time[40];
  struct tm tm;
  size_t len = strftime(time, sizeof time, "%Y-%m-%dT%H:%M:%S", gmtime_r(&at.tv_sec, &tm));
  if (at.tv_nsec != 0) len += (size_t)sprintf(time + len, ".%09ld", at.tv_nsec);
  while (at.tv_nsec != 0 && time[len - 1] == '0') len--;
  bool attrs = *file.attrs != 0;
  s->at = at;
  s->tail_len = (size_t)snprintf(s->tail, sizeof s->tail, "\",\"stream\":\"std%s\",%s%s%s\"time\":\"%.*sZ\"}\n",
                                 s == streams ? "out" : "err", attrs ? "\"attrs\":" : "", file.attrs, attrs ? "," : "", (int)len, time);
}

static void put_record(const struct stream *s, const char *text, size_t len, bool newline) {
  put("{\"log\":\"", 8);
  put_escaped(text, len);
  if (newline) put("\\n", 2);
  put(s->tail, s->tail_len);
}

/* Says in the log how much is missing, behind what waits to be written, and from there: so it needs no buffer of its own. */
static bool tell_dropped(void) {
  char text[160];
  size_t waiting = out_len;
  int n = snprintf(text, sizeof text, "jcompose: %llu bytes of output were dropped here: %s", (unsigned long long)file.dropped,
                   strerror(file.why));
  stamp(&streams[1], file.at);
  put_record(&streams[1], text, (size_t)n, true);
  bool told = append(out + waiting, out_len - waiting);
  out_len = waiting;
  if (told) file.dropped = 0;
  return told;
}

/* What cannot be written is counted, and told in the log as soon as it can be; the container never waits for it. */
static void flush(void) {
  if ((file.dropped > 0 && !tell_dropped()) || !append(out, out_len)) file.dropped += out_raw;
  out_len = out_raw = 0;
}

/* Writes what a stream has of a line. */
static void record(struct stream *s, bool newline) {
  if (file.max_bytes > 0 && file.size + (int64_t)out_len >= file.max_bytes) {
    flush();
    rotate();
  }
  put_record(s, s->line, s->fill, newline);
  out_raw += s->fill + newline;
  s->fill = 0;
  if (out_len >= OUT_FLUSH) flush();
}

/* How many bytes at the end are a character whose rest is to come. */
static size_t unfinished(const char *text, size_t len) {
  for (size_t n = 1; n <= 3 && n <= len; n++)
    if (utf8((const unsigned char *)text + len - n, n) < 0) return n;
  return 0;
}

bool log_write(int stream, const char *data, size_t len, struct timespec at) {
  struct stream *s = &streams[stream - 1];
  uint32_t before = file.next;
  file.at = at;
  while (len > 0) {
    if (!s->cut && (s->tail_len == 0 || memcmp(&s->at, &at, sizeof at) != 0))
      stamp(s, at); /* all parts of a cut line carry the time of its first */
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
      record(s, newline != NULL);
      s->cut = newline == NULL;
      memcpy(s->line, rest, kept);
      s->fill = (uint32_t)kept;
    }
    if (newline) span++;
    data += span;
    len -= span;
  }
  if (out_len > 0 || file.dropped > 0) flush();
  return file.next != before;
}

void log_finish(int stream) {
  struct stream *s = &streams[stream - 1];
  if (s->fill > 0) record(s, false);
  if (out_len > 0 || file.dropped > 0) flush();
}
