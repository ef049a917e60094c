package io.jcompose.runtime.oci;

import io.jcompose.core.JcomposeException;
import io.jcompose.core.Mount;
import io.jcompose.linux.KernelException;
import io.jcompose.linux.file.DirectoryFd;
import io.jcompose.linux.file.FileFd;
import io.jcompose.linux.file.ForeignFile;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A user by number, for runtimes that take no names. Looked up in the files of a container that is
 * not mounted yet, by the rules of the shim's identity.c.
 */
record OciUser(int uid, int gid, List<Integer> groups, String home) {
  /** An image may have anything there, and the engine has 64 MiB for all it does. */
  private static final int FILE_LIMIT = 2 << 20;

  private static final int PASSWD_FIELDS = 7;
  private static final int GROUP_FIELDS = 4;

  /**
   * Looks {@code user[:group]} and further groups up; throws InvalidArgument when one is not there.
   */
  static OciUser find(Mount.Overlay rootfs, String text, List<String> more) {
    int colon = text.indexOf(':');
    String user = colon < 0 ? text : text.substring(0, colon);
    String group = colon < 0 ? "" : text.substring(colon + 1);
    String passwd = text(rootfs, "passwd");
    String file = text(rootfs, "group");
    String wanted = user.isEmpty() ? "0" : user;
    boolean byNumber = isNumber(wanted);
    String[] entry = entry(lines(passwd, PASSWD_FIELDS), wanted, byNumber ? 2 : 0);
    if (entry.length == 0 && !byNumber) {
      throw new JcomposeException.InvalidArgument(
          "unable to find user " + user + ": no matching entries in passwd file");
    }
    int uid = Integer.parseInt(entry.length > 0 ? entry[2] : wanted);
    int gid = entry.length > 0 && isNumber(entry[3]) ? Integer.parseInt(entry[3]) : 0;
    if (!group.isEmpty()) {
      gid = group(file, group);
    }
    Set<Integer> groups = new LinkedHashSet<>(List.of(gid));
    if (group.isEmpty() && entry.length > 0) {
      lines(file, GROUP_FIELDS)
          .filter(line -> isNumber(line[2]) && ("," + line[3] + ",").contains("," + entry[0] + ","))
          .forEach(line -> groups.add(Integer.parseInt(line[2])));
    }
    more.forEach(name -> groups.add(group(file, name)));
    String home = entry.length > 0 && !entry[5].isEmpty() ? entry[5] : "/";
    return new OciUser(uid, gid, List.copyOf(groups), home);
  }

  private static int group(String file, String group) {
    if (isNumber(group)) {
      return Integer.parseInt(group);
    }
    String[] line = entry(lines(file, GROUP_FIELDS), group, 0);
    if (line.length == 0 || !isNumber(line[2])) {
      throw new JcomposeException.InvalidArgument(
          "unable to find group " + group + ": no matching entries in group file");
    }
    return Integer.parseInt(line[2]);
  }

  private static boolean isNumber(String text) {
    return text.matches("[0-9]{1,9}");
  }

  private static String[] entry(Stream<String[]> lines, String wanted, int field) {
    return lines
        .filter(line -> line[field].equals(wanted) && isNumber(line[2]))
        .findFirst()
        .orElseGet(() -> new String[0]);
  }

  /** One after the other: all of them, or all fields of a line, are many times the file. */
  private static Stream<String[]> lines(String text, int fields) {
    return text.lines()
        .map(line -> line.split(":", fields + 1))
        .filter(line -> line.length >= fields);
  }

  /** The topmost layer that has the file decides; a whiteout there is no regular file, so empty. */
  private static String text(Mount.Overlay rootfs, String name) {
    List<Path> layers = new ArrayList<>(List.of(rootfs.upper()));
    layers.addAll(rootfs.lower());
    return layers.stream().flatMap(layer -> text(layer, name).stream()).findFirst().orElse("");
  }

  /** Empty when the layer does not have it, or has a link, which the shim would not follow out. */
  private static Optional<String> text(Path layer, String name) {
    try (DirectoryFd root = DirectoryFd.open(layer);
        DirectoryFd etc = root.openInRoot("etc".getBytes(StandardCharsets.US_ASCII));
        ForeignFile file = etc.entry(name.getBytes(StandardCharsets.US_ASCII))) {
      if (!file.status().isRegular()) {
        return file.status().isSymlink() ? Optional.empty() : Optional.of("");
      }
      try (FileFd open = file.read()) {
        return Optional.of(content(open));
      }
    } catch (KernelException e) {
      return Optional.empty();
    }
  }

  private static String content(FileFd file) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    byte[] buffer = new byte[8192];
    for (int n = file.read(buffer); n > 0; n = file.read(buffer)) {
      if (all.size() > FILE_LIMIT) { // a group that is not seen would be missing in silence
        throw new JcomposeException.InvalidArgument(
            "the container's /etc/passwd or /etc/group is longer than 2 MiB");
      }
      all.write(buffer, 0, n);
    }
    return all.toString(StandardCharsets.UTF_8);
  }
}
