/* Buffers of connections on the heap instead of mapped side by side: so that the sanitizer sees each step out of one. */
#include <stdlib.h>
#include <sys/mman.h>

#define BLOCKS 256

static void *blocks[BLOCKS];

void *__wrap_mmap(void *at, size_t len, int protection, int flags, int fd, off_t offset);
int __wrap_munmap(void *at, size_t len);

void *__wrap_mmap(void *at, size_t len, int protection, int flags, int fd, off_t offset) {
  (void)at, (void)protection, (void)flags, (void)fd, (void)offset;
  for (int i = 0; i < BLOCKS; i++)
    if (blocks[i] == NULL && (blocks[i] = calloc(1, len)) != NULL) return blocks[i];
  return MAP_FAILED;
}

/* A part of one stays. */
int __wrap_munmap(void *at, size_t len) {
  (void)len;
  for (int i = 0; i < BLOCKS; i++) {
    if (blocks[i] != at) continue;
    free(at);
    blocks[i] = NULL;
  }
  return 0;
}
