/* Plans, through the code that reads them. Links with fuzz_main.c or libFuzzer. */
#include "shim.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct cursor plan;
  struct op_view op;
  uint32_t index = 0, len;
  volatile size_t sum = 0;
  if (!plan_open(data, size, &plan)) return 0;
  while (plan_next(&plan, &index, &op)) { /* each argument read as each type */
    struct cursor start = op.arg;
    while (!op.arg.bad && op.arg.at < op.arg.end) {
      struct cursor at = op.arg;
      sum += strlen(get_str(&op.arg));
      if (op.arg.bad) op.arg = at, sum += get_u32(&op.arg);
    }
    for (op.arg = start; !op.arg.bad;) {
      const uint8_t *bytes = get_bytes(&op.arg, &len);
      for (uint32_t i = 0; i < len; i++) sum += bytes[i];
    }
    struct failure f;
    failed(&f, &op, EINVAL, "fuzz", (const char *)(op.arg.bad ? "bad" : "good"));
  }
  return 0;
}
