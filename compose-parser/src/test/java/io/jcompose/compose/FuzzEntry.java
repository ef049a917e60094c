package io.jcompose.compose;

import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Where Jazzer enters, with one input after another; the system property {@code fuzz.target} says
 * which {@link FuzzTarget} gets them. {@code scripts/fuzz} runs it.
 */
public final class FuzzEntry {
  private static final FuzzTarget TARGET =
      FuzzTarget.valueOf(System.getProperty("fuzz.target", "").toUpperCase(Locale.ROOT));

  /** As small a stack as the engine's threads have. */
  private static final int STACK_BYTES = 256 * 1024;

  private static final long MOST_CPU_NANOS = 2_000_000_000L;

  private final String text;
  private volatile @Nullable Throwable thrown;

  private FuzzEntry(String text) {
    this.text = text;
  }

  /** Jazzer's name for it; what it throws is a finding. */
  public static void fuzzerTestOneInput(byte[] input) throws Throwable {
    FuzzEntry entry = new FuzzEntry(new String(input, StandardCharsets.UTF_8));
    Thread thread = new Thread(null, entry::run, "fuzz", STACK_BYTES);
    thread.start();
    thread.join();
    if (entry.thrown != null) {
      throw entry.thrown;
    }
  }

  private void run() {
    try {
      TARGET.run(text);
      long spent = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
      if (spent > MOST_CPU_NANOS) {
        throw new IllegalStateException("took " + spent / 1_000_000 + " ms of processor time");
      }
    } catch (Throwable e) {
      thrown = e;
    }
  }
}
