package io.jcompose.runtime.plan;

import java.util.List;

/** What the operations of a plan point to; each place is an offset in the plan. */
interface PlanData {
  /** With a NUL behind. */
  long text(String text);

  /** The same array is put there once. */
  long bytes(byte[] bytes);

  /** Where each text is, and a 0 behind. */
  long list(List<String> texts);
}
