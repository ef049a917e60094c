package io.jcompose.runtime.cgroup;

import io.jcompose.core.Resources;
import io.jcompose.core.Resources.DeviceValue;
import io.jcompose.runtime.device.DeviceNumber;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The limits that this machine has no means for and that a container does without, as with Docker:
 * what cgroup version 2 dropped, and weights that no scheduler of a disk looks at.
 *
 * @param system where sysfs is
 */
public record LostLimits(CgroupHost host, Path system) {

  /** What is left out, in Docker's words; mostly empty. */
  public List<String> of(Resources limits) {
    List<String> lost = new ArrayList<>();
    if (limits.memorySwappiness() != null && host.isUnified("memory")) {
      lost.add(
          "Your kernel does not support memory swappiness capabilities or the cgroup is not"
              + " mounted. Memory swappiness discarded.");
    }
    if (limits.oomKillDisable() && host.isUnified("memory")) {
      lost.add("Your kernel does not support OomKillDisable. OomKillDisable discarded.");
    }
    if (limits.memoryBytes() > 0 && lacksSwap()) {
      lost.add(
          "Your kernel does not support swap limit capabilities or the cgroup is not mounted."
              + " Memory limited without swap.");
    }
    if (limits.blkioWeight() > 0 && !hasWeights()) {
      lost.add(
          "Your kernel does not support Block I/O weight or the cgroup is not mounted. Weight"
              + " discarded.");
    }
    for (DeviceValue device : limits.blkioWeightDevice()) {
      if (!isWeighed(device.path())) {
        lost.add(
            "Block I/O weight_device of "
                + device.path()
                + " discarded: the disk's scheduler is not bfq (see /sys/block/*/queue/scheduler)");
      }
    }
    return lost;
  }

  /** Any group but the root shows it: one whose memory can be limited, but not its swap. */
  private boolean lacksSwap() {
    if (!host.isUnified("memory")) {
      return false;
    }
    try (var groups = Files.list(host.v2().orElseThrow())) {
      return groups
          .filter(group -> Files.exists(group.resolve("memory.max")))
          .findFirst()
          .filter(group -> !Files.exists(group.resolve("memory.swap.max")))
          .isPresent();
    } catch (IOException e) {
      return false;
    }
  }

  /** The files of weights are not in a root group; these are, where there are weights. */
  private boolean hasWeights() {
    Path v1 = host.v1().get("blkio");
    if (v1 != null) {
      return Files.exists(v1.resolve("blkio.weight"))
          || Files.exists(v1.resolve("blkio.bfq.io_serviced"));
    }
    return host.v2().filter(root -> Files.exists(root.resolve("io.cost.qos"))).isPresent()
        || disks().stream().anyMatch(LostLimits::schedulesByWeight);
  }

  private boolean isWeighed(String device) {
    Optional<DeviceNumber> number;
    try {
      number = DeviceNumber.read(Path.of(device));
    } catch (IOException e) {
      return true; // refused for another reason
    }
    Path node = system.resolve("dev/block").resolve(number.map(Object::toString).orElse("none"));
    // A partition has no queue; its disk is the folder above.
    return schedulesByWeight(node) || schedulesByWeight(node.resolve(".."));
  }

  private List<Path> disks() {
    try (var disks = Files.list(system.resolve("block"))) {
      return disks.toList();
    } catch (IOException e) {
      return List.of();
    }
  }

  private static boolean schedulesByWeight(Path disk) {
    try {
      return Files.readString(disk.resolve("queue/scheduler")).contains("[bfq]");
    } catch (IOException e) {
      return false;
    }
  }

  /** This machine's. */
  public static LostLimits of(CgroupHost host) {
    return new LostLimits(host, Path.of("/sys"));
  }
}
