package io.jcompose.core;

import java.time.Instant;
import java.util.List;

/**
 * What {@code inspect} tells of a container beside its {@link ContainerView}. Immutable.
 *
 * @param logPath its log, or empty with a driver that keeps none
 * @param hostnamePath what it sees as {@code /etc/hostname}; there since its first start
 * @param maskedPaths what it finds empty; none when its security options say so
 * @param readOnlyPaths what it may not write
 * @param processLabel SELinux's label of its programs, or empty
 * @param filesLabel SELinux's label of its files, or empty
 * @param failingStreak probes that failed one after the other
 * @param probes the last of its last run, the oldest first
 * @param execIds of the programs that run in it beside its own, in no order
 */
public record ContainerDetails(
    String logPath,
    String hostnamePath,
    String hostsPath,
    String resolvConfPath,
    List<String> maskedPaths,
    List<String> readOnlyPaths,
    String processLabel,
    String filesLabel,
    int failingStreak,
    List<Probe> probes,
    List<String> execIds) {
  public ContainerDetails {
    maskedPaths = List.copyOf(maskedPaths);
    readOnlyPaths = List.copyOf(readOnlyPaths);
    probes = List.copyOf(probes);
    execIds = List.copyOf(execIds);
  }

  /**
   * One run of a health check.
   *
   * @param exitCode -1 when it did not end by itself
   * @param output the first 4096 bytes of what it said
   */
  public record Probe(Instant start, Instant end, int exitCode, String output) {}
}
