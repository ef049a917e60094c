package io.jcompose.runtime;

import java.time.Instant;

/**
 * How a task ended, as its shim recorded it durably.
 *
 * @param code the program's own, or 128 + signal
 * @param signal what killed it, or 0
 * @param oomKilled the kernel's out-of-memory killer struck in the task's cgroup
 * @param oomPeakBytes the most memory that the cgroup had used when it struck; 0 when not known
 * @param oomLimitBytes the cgroup's own limit then; 0 when not known
 * @param lost the shim was killed, so the true end is not known; {@code code} is 255
 */
public record TaskExit(
    int code,
    int signal,
    boolean oomKilled,
    long oomPeakBytes,
    long oomLimitBytes,
    boolean lost,
    Instant startedAt,
    Instant at) {}
