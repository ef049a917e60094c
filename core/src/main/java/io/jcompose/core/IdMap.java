package io.jcompose.core;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Which ids of the host stand for the users and groups of a container (man 7 user_namespaces).
 * Immutable.
 */
public record IdMap(List<Range> users, List<Range> groups) {
  /** What the kernel shows for an id without a place in a map. */
  public static final int NOBODY = 65534;

  private static final long ALL = 0xffff_ffffL;

  /** The ids of the host as they are. */
  public static final IdMap HOST =
      new IdMap(List.of(new Range(0, 0, ALL)), List.of(new Range(0, 0, ALL)));

  /** {@code count} ids that follow {@code inside} in the container and {@code host} outside. */
  public record Range(long inside, long host, long count) {}

  public IdMap {
    users = List.copyOf(users);
    groups = List.copyOf(groups);
  }

  /**
   * The map that a process lives by.
   *
   * @param process its directory in /proc
   * @throws UncheckedIOException when it has ended
   */
  public static IdMap ofProcess(Path process) {
    return new IdMap(read(process.resolve("uid_map")), read(process.resolve("gid_map")));
  }

  private static List<Range> read(Path file) {
    try {
      List<Range> ranges = new ArrayList<>();
      for (String line : Files.readAllLines(file)) {
        String[] words = line.strip().split(" +");
        ranges.add(
            new Range(
                Long.parseLong(words[0]), Long.parseLong(words[1]), Long.parseLong(words[2])));
      }
      return ranges;
    } catch (IOException e) {
      throw new UncheckedIOException("failed to read " + file, e);
    }
  }

  /** True when the container's ids are the host's. */
  public boolean isHost() {
    return equals(HOST);
  }

  /** The host's id of a container's user; for one outside of the map that of its nobody. */
  public int hostUser(int inside) {
    return out(users, inside);
  }

  /** The host's id of a container's group. */
  public int hostGroup(int inside) {
    return out(groups, inside);
  }

  /** The container's id of a user of the host; one outside of the map is nobody. */
  public int userInside(int host) {
    return in(users, host);
  }

  /** The container's id of a group of the host. */
  public int groupInside(int host) {
    return in(groups, host);
  }

  /** The content of {@code /proc/PID/uid_map} or {@code gid_map}. */
  public static String text(List<Range> ranges) {
    return ranges.stream()
        .map(range -> range.inside + " " + range.host + " " + range.count + "\n")
        .collect(Collectors.joining());
  }

  private static int out(List<Range> ranges, int inside) {
    long id = Integer.toUnsignedLong(inside);
    for (Range range : ranges) {
      if (id >= range.inside && id - range.inside < range.count) {
        return (int) (range.host + id - range.inside);
      }
    }
    return inside == NOBODY ? NOBODY : out(ranges, NOBODY);
  }

  private static int in(List<Range> ranges, int host) {
    long id = Integer.toUnsignedLong(host);
    for (Range range : ranges) {
      if (id >= range.host && id - range.host < range.count) {
        return (int) (range.inside + id - range.host);
      }
    }
    return NOBODY;
  }
}
