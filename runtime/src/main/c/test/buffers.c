/* Buffers of connections on the heap instead of mapped side by side: so that the sanitizer sees each step out of one. */
#include <stdlib.h>
#include <sys/mman.h>

void *__wrap_mmap(void *at, size_t len, int protection, int flags, int fd, off_t offset);
void *__wrap_mremap(void *old, size_t old_len, size_t len, int flags);
int __wrap_munmap(void *at, size_t len);

void *__wrap_mmap(void *at, size_t len, int protection, int flags, int fd, off_t offset) {
  (void)at, (void)protection, (void)flags, (void)fd, (void)offset;
  void *space = calloc(1, len);
  return space ? space : MAP_FAILED;
}
void *__wrap_mremap(void *old, size_t old_len, size_t len, int flags) {
  (void)old_len, (void)flags;
  void *space = realloc(old, len);
  return space ? space : MAP_FAILED;
}
int __wrap_munmap(void *at, size_t len) {
  (void)len;
  free(at);
  return 0;
}
