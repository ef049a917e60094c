/* Feeds the code that reads plans with noise grown from good examples, under AddressSanitizer and UndefinedBehaviorSanitizer: a
 * crash is a finding. `make fuzz` runs it; ShimNoiseIT does the like to a live shim's control socket. */
#include "shim.h"

#include <stdio.h>
#include <stdlib.h>

static uint64_t state = 1;
static uint32_t next(uint32_t below) {
  state ^= state << 13, state ^= state >> 7, state ^= state << 17;
  return below ? (uint32_t)(state >> 16) % below : 0;
}

static uint8_t plan[4096];
static size_t plan_size;
static void put(const void *data, size_t len) {
  if (plan_size + len <= sizeof plan) memcpy(plan + plan_size, data, len), plan_size += len;
}
static void put_u32(uint32_t value) { put(&value, 4); }
static void put_text(const char *text) { put_u32((uint32_t)strlen(text) + 1), put(text, strlen(text) + 1); }

static void good_plan(void) {
  plan_size = 0;
  put_u32(PLAN_MAGIC), put_u32(PROTOCOL_VERSION);
  for (uint32_t op = 0; op < 12; op++) {
    size_t at = plan_size;
    put_u32(next(4) ? next(50) : next(0x10000)), put_u32(0);
    for (uint32_t i = next(5); i > 0; i--) switch (next(3)) {
        case 0: put_u32(next(4) ? next(8) : (uint32_t)state); break;
        case 1: put_text("/some/path"); break;
        default: put_u32(8), put("bytes...", 8);
      }
    uint32_t len = (uint32_t)(plan_size - at - 8);
    memcpy(plan + at + 4, &len, 4);
  }
}

static void damage(uint8_t *data, size_t len) {
  for (uint32_t i = next(6); i > 0 && len > 0; i--) data[next((uint32_t)len)] = (uint8_t)(next(2) ? next(256) : next(2) ? 0 : 0xff);
}

/* Reads a plan as the shim and its child do: every argument in any order, to its end and past it. */
static size_t read_plan(const uint8_t *data, size_t len) {
  struct cursor c;
  struct op_view op;
  uint32_t index = 0, size;
  size_t sum = 0;
  if (!plan_open(data, len, &c)) return 0;
  while (plan_next(&c, &index, &op)) {
    for (int i = 0; i < 12; i++) switch (next(4)) {
        case 0: sum += get_u32(&op.arg); break;
        case 1: sum += get_u64(&op.arg); break;
        case 2: sum += strlen(get_str(&op.arg)); break;
        default: {
          const uint8_t *bytes = get_bytes(&op.arg, &size);
          for (uint32_t k = 0; k < size; k++) sum += bytes[k];
        }
      }
    struct failure f;
    failed(&f, &op, EINVAL, "fuzz", (const char *)(op.arg.bad ? "bad" : "good"));
  }
  return sum;
}

static void fuzz_plans(long rounds) {
  size_t sum = 0;
  for (long i = 0; i < rounds; i++) {
    good_plan();
    size_t len = next(3) ? plan_size : next((uint32_t)plan_size + 1);
    uint8_t *exact = malloc(len ? len : 1); /* so that a read past the end is seen */
    memcpy(exact, plan, len);
    damage(exact, len);
    sum += read_plan(exact, len);
    free(exact);
  }
  printf("%ld plans read (%zu)\n", rounds, sum);
}

int main(int argc, char **argv) {
  if (argc < 2) return fprintf(stderr, "usage: shim-fuzz ROUNDS [SEED]\n"), 2;
  if (argc > 2) state = strtoull(argv[2], NULL, 10) | 1;
  fuzz_plans(atol(argv[1]));
  return 0;
}
