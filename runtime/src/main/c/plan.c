#include "shim.h"

#include <stdio.h>
#include <sys/socket.h>

uint32_t get_u32(struct cursor *c) {
  uint32_t v = 0;
  if (c->bad || c->end - c->at < 4) {
    c->bad = true;
    return 0;
  }
  memcpy(&v, c->at, 4);
  c->at += 4;
  return v;
}

uint64_t get_u64(struct cursor *c) {
  uint64_t low = get_u32(c);
  return low | (uint64_t)get_u32(c) << 32;
}

const uint8_t *get_bytes(struct cursor *c, uint32_t *len) {
  *len = get_u32(c);
  if (c->bad || (size_t)(c->end - c->at) < *len) {
    c->bad = true;
    *len = 0;
    return (const uint8_t *)"";
  }
  const uint8_t *at = c->at;
  c->at += *len;
  return at;
}

/* Text is sent with its final NUL, so that it can be used where it lies. */
const char *get_str(struct cursor *c) {
  uint32_t len;
  const uint8_t *at = get_bytes(c, &len);
  if (len == 0 || at[len - 1] != 0 || memchr(at, 0, len) != at + len - 1) {
    c->bad = true;
    return "";
  }
  return (const char *)at;
}

bool plan_open(const uint8_t *data, size_t len, struct cursor *plan) {
  *plan = (struct cursor){data, data + len, false};
  uint32_t magic = get_u32(plan), version = get_u32(plan);
  return !plan->bad && magic == PLAN_MAGIC && version == PLAN_VERSION;
}

bool plan_next(struct cursor *plan, uint32_t *index, struct op_view *op) {
  if (plan->bad || plan->at == plan->end) return false;
  op->code = (uint16_t)get_u32(plan);
  uint32_t len;
  const uint8_t *at = get_bytes(plan, &len);
  op->arg = (struct cursor){at, at + len, false};
  op->index = (*index)++;
  return !plan->bad;
}

int failed(struct failure *f, const struct op_view *op, int err, const char *call, const char *subject) {
  f->index = op ? op->index : 0;
  f->code = op ? op->code : 0;
  f->err = err;
  snprintf(f->what, sizeof f->what, "%s %s", call, subject);
  return -1;
}

int write_all(int fd, const void *data, size_t len) {
  const char *at = data;
  while (len > 0) {
    ssize_t n = write(fd, at, len);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return -1;
    at += n;
    len -= (size_t)n;
  }
  return 0;
}

int say(int sync, const struct message *message, int fd) {
  union {
    char space[CMSG_SPACE(sizeof(int))];
    struct cmsghdr align;
  } control = {.align = {.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof(int))}};
  struct iovec iov = {(void *)(uintptr_t)message, sizeof *message};
  struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
  if (fd >= 0) {
    msg.msg_control = control.space;
    msg.msg_controllen = sizeof control.space;
    memcpy(CMSG_DATA(&control.align), &fd, sizeof fd);
  }
  return sendmsg(sync, &msg, MSG_NOSIGNAL) < 0 ? -1 : 0;
}

int write_file(const char *path, const char *data) {
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return -1;
  int result = write(fd, data, strlen(data)) < 0 ? -1 : 0;
  int err = errno;
  close(fd);
  errno = err;
  return result;
}

size_t put_num(char *at, uint64_t value) {
  char digits[20];
  size_t n = 0;
  do digits[n++] = (char)('0' + value % 10);
  while ((value /= 10) != 0);
  for (size_t i = 0; i < n; i++) at[i] = digits[n - 1 - i];
  return n;
}
