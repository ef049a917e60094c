package io.jcompose.build.instruction;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * {@code HEALTHCHECK}. What is not given is zero.
 *
 * @param test null for {@code NONE}
 */
public record Healthcheck(
    Place place,
    String text,
    @Nullable Command test,
    Duration interval,
    Duration timeout,
    Duration startPeriod,
    Duration startInterval,
    int retries)
    implements Instruction {}
