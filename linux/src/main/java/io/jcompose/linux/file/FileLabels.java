package io.jcompose.linux.file;

import io.jcompose.linux.KernelException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import jnr.constants.platform.Errno;

/** SELinux's labels of files on disk: the attribute {@code security.selinux}. */
public final class FileLabels {
  private static final String KEY = "security.selinux";
  private static final int DEPTH = 120; // each level keeps a descriptor open

  private final byte[] value;

  private FileLabels(String label) {
    this.value = (label + "\0").getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Labels a file, or a directory and all in it, itself last: one that has the label already is
   * taken to be done. No symbolic link is followed; what vanishes meanwhile, and what is in a file
   * system without labels, is passed over.
   *
   * @param path absolute, without symbolic links on the way and not the root
   * @throws KernelException when the kernel or its policy refuses, and for trees deeper than 120
   */
  public static void set(Path path, String label) {
    new FileLabels(label).set(DirectoryFd.open(Path.of("/")), path, 0);
  }

  private void set(DirectoryFd opened, Path path, int at) {
    byte[] name = path.getName(at).toString().getBytes(StandardCharsets.UTF_8);
    try (DirectoryFd directory = opened) {
      if (at < path.getNameCount() - 1) {
        set(directory.openDirectory(name), path, at + 1);
      } else if (!Arrays.equals(directory.xattrs(name).get(KEY), value)) {
        set(directory, name, 0);
      }
    }
  }

  private void set(DirectoryFd parent, byte[] name, int depth) {
    try {
      if (parent.stat(name).map(FileStatus::isDirectory).orElse(false)) {
        if (depth == DEPTH) {
          throw new KernelException("label", parent.toString(), Errno.ENAMETOOLONG.intValue());
        }
        try (DirectoryFd child = parent.openDirectory(name);
            DirectoryNames names = child.names()) {
          for (List<byte[]> some = names.next(); !some.isEmpty(); some = names.next()) {
            some.forEach(entry -> set(child, entry, depth + 1));
          }
        }
      }
      parent.setXattr(name, KEY, value);
    } catch (KernelException e) {
      if (!e.is(Errno.ENOENT) && !e.is(Errno.EOPNOTSUPP)) {
        throw e;
      }
    }
  }
}
