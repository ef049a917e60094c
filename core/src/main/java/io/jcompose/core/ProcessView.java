package io.jcompose.core;

import java.time.Duration;
import java.time.Instant;

/**
 * One process of a container as the host sees it. Immutable.
 *
 * @param user the host's name of its user, or the number
 * @param pid on the host
 * @param terminal {@code pts/0}, or {@code ?}
 * @param cpuTime processor time used
 * @param command words separated by blanks; a name in brackets when the process has none
 */
public record ProcessView(
    String user,
    long pid,
    long parentPid,
    Instant startedAt,
    String terminal,
    Duration cpuTime,
    String command) {}
