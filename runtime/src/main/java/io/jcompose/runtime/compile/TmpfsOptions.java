package io.jcompose.runtime.compile;

import static io.jcompose.runtime.plan.MountAttributes.NOATIME;
import static io.jcompose.runtime.plan.MountAttributes.NODEV;
import static io.jcompose.runtime.plan.MountAttributes.NODIRATIME;
import static io.jcompose.runtime.plan.MountAttributes.NOEXEC;
import static io.jcompose.runtime.plan.MountAttributes.NOSUID;
import static io.jcompose.runtime.plan.MountAttributes.NOSYMFOLLOW;
import static io.jcompose.runtime.plan.MountAttributes.RDONLY;
import static io.jcompose.runtime.plan.MountAttributes.STRICTATIME;

import io.jcompose.core.JcomposeException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The options of a tmpfs, as man 8 mount and man 5 tmpfs have them. Immutable.
 *
 * @param attributes MOUNT_ATTR_… of man 2 mount_setattr
 * @param data what is the file system's, comma-separated
 * @param hasMode false when its root has the mode of the directory below
 */
record TmpfsOptions(int attributes, String data, boolean hasMode) {
  private static final int ATIMES = 0x70;

  /** Words for a bit, and for its absence. */
  private static final Map<String, Integer> SET =
      Map.of(
          "ro", RDONLY,
          "nosuid", NOSUID,
          "nodev", NODEV,
          "noexec", NOEXEC,
          "nodiratime", NODIRATIME,
          "nosymfollow", NOSYMFOLLOW);

  private static final Map<String, Integer> UNSET =
      Map.of(
          "rw", RDONLY,
          "suid", NOSUID,
          "dev", NODEV,
          "exec", NOEXEC,
          "diratime", NODIRATIME,
          "symfollow", NOSYMFOLLOW);

  private static final String SIZE = "[0-9]+[kKmMgGtT]?";

  /** The file system's own, with what they may be. */
  private static final Map<String, Pattern> VALUES =
      Map.of(
          "size", Pattern.compile(SIZE + "|[0-9]+%"),
          "nr_blocks", Pattern.compile(SIZE),
          "nr_inodes", Pattern.compile(SIZE),
          "mode", Pattern.compile("[0-7]{1,5}"),
          "uid", Pattern.compile("[0-9]{1,10}"),
          "gid", Pattern.compile("[0-9]{1,10}"),
          "huge", Pattern.compile("never|always|within_size|advise"),
          "mpol", Pattern.compile("[a-z0-9=:-]+"));

  /** Throws InvalidArgument for a word that is none of them, as Docker. */
  static TmpfsOptions parse(String text) {
    int attributes = NOSUID | NODEV | NOEXEC;
    boolean hasMode = false;
    List<String> data = new ArrayList<>();
    for (String option : text.isEmpty() ? new String[0] : text.split(",", -1)) {
      attributes = (attributes | SET.getOrDefault(option, 0)) & ~UNSET.getOrDefault(option, 0);
      if (SET.containsKey(option) || UNSET.containsKey(option)) {
        continue;
      }
      switch (option) {
        case "noatime" -> attributes = (attributes & ~ATIMES) | NOATIME;
        case "strictatime" -> attributes = (attributes & ~ATIMES) | STRICTATIME;
        case "atime", "relatime", "norelatime", "nostrictatime" -> attributes &= ~ATIMES;
        case "sync", "dirsync", "lazytime" -> data.add(option);
        case "async" -> data.removeIf("sync"::equals);
        case "nolazytime" -> data.removeIf("lazytime"::equals);
        case "inode32", "inode64", "noswap" -> data.add(option);
        // what says nothing new, or what a tmpfs has no use for
        case "", "defaults", "silent", "loud", "mand", "nomand", "iversion", "noiversion" -> {}
        case "private", "rprivate" -> {}
        default -> {
          data.add(checked(option));
          hasMode |= option.startsWith("mode=");
        }
      }
    }
    return new TmpfsOptions(attributes, String.join(",", data), hasMode);
  }

  private static String checked(String option) {
    int equals = option.indexOf('=');
    Pattern values = VALUES.get(option.substring(0, Math.max(0, equals)));
    if (values == null || !values.matcher(option.substring(equals + 1)).matches()) {
      throw new JcomposeException.InvalidArgument(
          "invalid tmpfs option \""
              + option
              + "\": it is none of size, mode, uid, gid, nr_inodes, nr_blocks, huge, mpol with a"
              + " value, or a flag of man 8 mount");
    }
    return option;
  }
}
