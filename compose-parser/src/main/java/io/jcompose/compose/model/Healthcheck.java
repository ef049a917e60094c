package io.jcompose.compose.model;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A health check. Null durations and retries are the image's, else Docker's: 30 s, 30 s, 0 s, 5 s,
 * 3.
 *
 * @param test empty (the image's), {@code [NONE]}, {@code [CMD, …]} or {@code [CMD-SHELL, line]}
 * @param disabled also when the test is NONE
 */
public record Healthcheck(
    List<String> test,
    @Nullable Duration interval,
    @Nullable Duration timeout,
    @Nullable Duration startPeriod,
    @Nullable Duration startInterval,
    @Nullable Integer retries,
    boolean disabled,
    Map<String, @Nullable Object> extensions) {
  public Healthcheck {
    test = List.copyOf(test);
    extensions = Copies.ordered(extensions);
  }
}
