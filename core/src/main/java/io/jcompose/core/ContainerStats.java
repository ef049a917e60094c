package io.jcompose.core;

import java.time.Instant;
import java.util.Map;

/**
 * What a container has used up to one moment. Counters grow from its start; a rate is the
 * difference of two readings. Immutable.
 *
 * @param at when it was read
 * @param cpuNanos processor time of all its processes
 * @param memoryBytes the working set: what is in use without the file pages that the kernel would
 *     give up first
 * @param memoryLimitBytes its limit, or the machine's memory when it has none
 * @param networkReceivedBytes of all interfaces but loopback; 0 in the host's network
 * @param networkSentBytes as {@code networkReceivedBytes}
 * @param blockReadBytes read from block devices
 * @param blockWrittenBytes written to block devices
 * @param tasks processes and threads
 * @param pressure by resource ({@code cpu}, {@code memory}, {@code io}): the kernel's PSI; empty
 *     where the kernel has none
 */
public record ContainerStats(
    Instant at,
    long cpuNanos,
    long memoryBytes,
    long memoryLimitBytes,
    long networkReceivedBytes,
    long networkSentBytes,
    long blockReadBytes,
    long blockWrittenBytes,
    long tasks,
    Map<String, Pressure> pressure) {
  public ContainerStats {
    pressure = Map.copyOf(pressure);
  }

  /**
   * The share of the last ten seconds, in percent, in which tasks waited for a resource.
   *
   * @param some at least one waited
   * @param full all that could have run waited
   */
  public record Pressure(double some, double full) {}
}
