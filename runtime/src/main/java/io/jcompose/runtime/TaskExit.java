package io.jcompose.runtime;

import java.time.Instant;

/**
 * How a task ended, as its shim recorded it durably.
 *
 * @param code the program's own, or 128 + signal
 * @param signal what killed it, or 0
 * @param oomKilled the kernel's out-of-memory killer struck in the task's cgroup
 * @param lost the shim was killed, so the true end is not known; {@code code} is 255
 */
public record TaskExit(
    int code, int signal, boolean oomKilled, boolean lost, Instant startedAt, Instant at) {}
