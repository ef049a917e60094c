/* Runs a fuzz target on files, and on noise grown from them: for compilers that have no libFuzzer.
 *   PROGRAM [-seconds=N] FILE_OR_DIRECTORY... */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SEEDS 512
#define LENGTH_MAX 65536

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct seed {
  uint8_t *data;
  size_t size;
} seeds[SEEDS];
static uint32_t seed_count;
static uint64_t state = 1;

static uint32_t next(uint32_t below) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return (uint32_t)(state >> 16) % below;
}

/* In memory of exactly this size, so that a read past the end is seen. */
static void run(const uint8_t *data, size_t size) {
  uint8_t *exact = malloc(size > 0 ? size : 1);
  memcpy(exact, data, size);
  LLVMFuzzerTestOneInput(exact, size);
  free(exact);
}

static void load(const char *path) {
  static uint8_t data[LENGTH_MAX];
  FILE *file = fopen(path, "r");
  if (file == NULL || seed_count == SEEDS) return;
  struct seed *s = &seeds[seed_count];
  s->size = fread(data, 1, sizeof data, file);
  fclose(file);
  s->data = malloc(s->size + 1);
  memcpy(s->data, data, s->size);
  run(s->data, s->size);
  seed_count++;
}

static void load_all(const char *path) {
  char name[4096];
  struct dirent *entry;
  DIR *directory = opendir(path);
  if (directory == NULL) load(path);
  while (directory && (entry = readdir(directory)) != NULL) {
    if (entry->d_name[0] == '.') continue;
    snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
    load(name);
  }
  if (directory) closedir(directory);
}

/* Pieces of two seeds, with some bytes changed. */
static void mutate(void) {
  static uint8_t data[LENGTH_MAX];
  size_t size = 0;
  for (int piece = 0; piece < 2; piece++) {
    struct seed *s = &seeds[next(seed_count)];
    size_t from = piece == 0 || s->size == 0 ? 0 : next((uint32_t)s->size), len = s->size - from;
    if (piece == 0 && next(2) && len > 0) len = next((uint32_t)len) + 1;
    if (len > sizeof data - size) len = sizeof data - size;
    memcpy(data + size, s->data + from, len);
    size += len;
    if (next(2)) break;
  }
  for (uint32_t i = next(8); i > 0 && size > 0; i--) data[next((uint32_t)size)] = (uint8_t)(next(2) ? next(256) : next(2) ? next(8) : 0xff);
  run(data, size);
}

int main(int argc, char **argv) {
  time_t until = time(NULL);
  unsigned long runs = 0;
  for (int i = 1; i < argc; i++) {
    if (strncmp(argv[i], "-seconds=", 9) == 0) until += atol(argv[i] + 9);
    else load_all(argv[i]);
  }
  if (seed_count == 0) return fprintf(stderr, "%s: no inputs\n", argv[0]), 2;
  for (state ^= (uint64_t)until << 20; time(NULL) < until; runs++) mutate();
  printf("%s: %u inputs and %lu grown from them\n", argv[0], seed_count, runs);
  return 0;
}
