package io.jcompose.core;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The limits of a container, which can change while it runs; 0, empty or null is none. Units:
 * bytes, nano CPUs (1e9 is one), microseconds.
 *
 * @param memorySwapBytes memory plus swap; -1 is unlimited, 0 is twice {@code memoryBytes}
 * @param pidsLimit 0 or less is none
 * @param layerBytes of the read-write layer
 */
@RecordBuilder
public record Resources(
    long nanoCpus,
    long cpuShares,
    long cpuPeriodMicros,
    long cpuQuotaMicros,
    String cpusetCpus,
    String cpusetMems,
    long memoryBytes,
    long memorySwapBytes,
    long memoryReservationBytes,
    @Nullable Integer memorySwappiness,
    boolean oomKillDisable,
    int oomScoreAdj,
    long pidsLimit,
    long shmBytes,
    long layerBytes,
    int blkioWeight,
    List<DeviceValue> blkioWeightDevice,
    List<DeviceValue> blkioReadBps,
    List<DeviceValue> blkioWriteBps,
    List<DeviceValue> blkioReadIops,
    List<DeviceValue> blkioWriteIops)
    implements ResourcesBuilder.With {
  public static final Resources UNLIMITED =
      new Resources(
          0, 0, 0, 0, "", "", 0, 0, 0, null, false, 0, 0, 0, 0, 0, List.of(), List.of(), List.of(),
          List.of(), List.of());

  public Resources {
    blkioWeightDevice = List.copyOf(blkioWeightDevice);
    blkioReadBps = List.copyOf(blkioReadBps);
    blkioWriteBps = List.copyOf(blkioWriteBps);
    blkioReadIops = List.copyOf(blkioReadIops);
    blkioWriteIops = List.copyOf(blkioWriteIops);
  }

  /** A value for one block device, by its path. */
  public record DeviceValue(String path, long value) {}
}
