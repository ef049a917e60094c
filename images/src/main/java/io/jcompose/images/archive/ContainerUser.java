package io.jcompose.images.archive;

import io.jcompose.core.JcomposeException;
import io.jcompose.linux.KernelException;
import io.jcompose.linux.file.DirectoryFd;
import io.jcompose.linux.file.FileFd;
import io.jcompose.linux.file.ForeignFile;
import io.jcompose.linux.mount.UnionView;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Looks {@code user[:group]} up in a container's own files, as the shim does at its start. */
public final class ContainerUser {
  /** A container may have anything there, and the engine has 64 MiB for all it does. */
  private static final int FILE_LIMIT = 2 << 20;

  private static final int FIELDS = 4;

  private ContainerUser() {}

  /** In the files below a directory. */
  public static TreeWriter.Owner.User find(DirectoryFd root, String user) {
    return find(file -> text(root, file), user);
  }

  /** In the files of layers. */
  public static TreeWriter.Owner.User find(UnionView root, String user) {
    return find(file -> text(root, file), user);
  }

  /**
   * @param texts of {@code passwd} and {@code group}; empty for one that cannot be read
   */
  private static TreeWriter.Owner.User find(UnaryOperator<String> texts, String user) {
    int colon = user.indexOf(':');
    String name = colon < 0 ? user : user.substring(0, colon);
    String group = colon < 0 ? "" : user.substring(colon + 1);
    String[] entry = entry(texts.apply("passwd"), name);
    int uid = entry.length > 3 ? number(entry[2], user) : number(name, user);
    int own = entry.length > 3 ? number(entry[3], user) : 0;
    if (group.isEmpty()) {
      return new TreeWriter.Owner.User(uid, own);
    }
    String[] line = entry(texts.apply("group"), group);
    int gid = line.length > 2 ? number(line[2], user) : number(group, user);
    return new TreeWriter.Owner.User(uid, gid);
  }

  private static int number(String text, String user) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new JcomposeException.InvalidArgument(
          "unable to find user " + user + ": no matching entries in the container's files", e);
    }
  }

  /**
   * The first fields of the line that has the name or number; empty when there is none. One line
   * after the other: all lines, or all fields of one, are many times the file.
   */
  private static String[] entry(String text, String wanted) {
    return text.lines()
        .map(line -> line.split(":", FIELDS + 1))
        .filter(line -> line.length > 2 && (line[0].equals(wanted) || line[2].equals(wanted)))
        .findFirst()
        .orElseGet(() -> new String[0]);
  }

  private static String text(DirectoryFd root, String file) {
    try (DirectoryFd etc = root.openInRoot("etc".getBytes(StandardCharsets.US_ASCII));
        FileFd open = etc.openFile(file.getBytes(StandardCharsets.US_ASCII))) {
      return text(open);
    } catch (KernelException e) {
      return ""; // an image without the file has numbers only
    }
  }

  private static String text(UnionView root, String file) {
    try {
      Optional<ForeignFile> found = root.find("/etc/" + file);
      if (found.isEmpty()) {
        return "";
      }
      try (ForeignFile there = found.get();
          FileFd open = there.read()) {
        return text(open);
      }
    } catch (KernelException e) {
      return ""; // a directory, or links without an end
    }
  }

  private static String text(FileFd file) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    byte[] buffer = new byte[8192];
    for (int n = file.read(buffer); n > 0 && all.size() < FILE_LIMIT; n = file.read(buffer)) {
      all.write(buffer, 0, n);
    }
    return all.toString(StandardCharsets.UTF_8);
  }
}
