package io.jcompose.network.nft;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * A limit for a program of the host that the engine runs: at its end the program is killed, and
 * whoever reads its output reads no longer. Closed when it is no longer waited for.
 */
public record Program(CompletableFuture<Void> waited) implements AutoCloseable {
  /** From now on the program has so long. */
  public static Program limit(Process process, long seconds) {
    CompletableFuture<Void> waited = new CompletableFuture<>();
    var _ =
        waited
            .orTimeout(seconds, TimeUnit.SECONDS)
            .whenComplete(
                (_, late) -> {
                  if (late != null) {
                    process.destroyForcibly();
                  }
                });
    return new Program(waited);
  }

  /** The program was killed. */
  public boolean isOver() {
    return waited.isCompletedExceptionally();
  }

  @Override
  public void close() {
    waited.complete(null);
  }
}
