package io.jcompose.runtime.plan;

import java.util.List;

/** What steps are written to, argument by argument, in the order of the protocol. */
interface StepWriter {
  /** Begins a step. */
  StepWriter step(Op op);

  StepWriter u32(int value);

  StepWriter u64(long value);

  StepWriter text(String value);

  StepWriter bytes(byte[] value);

  default StepWriter flag(boolean value) {
    return u32(value ? 1 : 0);
  }

  /** Their number, then each. */
  default StepWriter texts(List<String> values) {
    u32(values.size());
    values.forEach(this::text);
    return this;
  }
}
