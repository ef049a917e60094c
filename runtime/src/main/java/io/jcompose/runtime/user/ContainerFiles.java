package io.jcompose.runtime.user;

import io.jcompose.core.JcomposeException;
import io.jcompose.core.Mount;
import io.jcompose.linux.KernelException;
import io.jcompose.linux.file.DirectoryFd;
import io.jcompose.linux.file.FileFd;
import io.jcompose.linux.file.ForeignFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import jnr.constants.platform.Errno;
import org.jspecify.annotations.Nullable;

/**
 * The files of a container, found as its own processes would find them: links lead inside of its
 * root, and a mount wins over what is below. They may be anything; only regular ones are read, and
 * none of the kernel's own, which would answer the engine as the host's root. Confined to one
 * thread; the owner closes it.
 */
final class ContainerFiles implements AutoCloseable {
  private static final int LINKS = 40; // as the kernel: man 7 path_resolution

  /** A container may let the engine read this at each of its programs. */
  private static final int MOST_BYTES = 2 << 20;

  private static final byte[] EMPTY = {};

  private final DirectoryFd root;
  private final Map<String, Mount> mounts = new HashMap<>(); // by their targets, without links
  private boolean plain = true;

  /**
   * @param root of the container, which this closes
   * @param mounts that are not in it yet
   */
  ContainerFiles(DirectoryFd root, List<Mount> mounts) {
    this.root = root;
    mounts.stream()
        .sorted(Comparator.comparingInt(mount -> Path.of(mount.target()).getNameCount()))
        .forEach(mount -> this.mounts.put(target(mount), mount));
    plain = true;
  }

  /** A mount's target is looked up in the root too, as far as it is there. */
  private String target(Mount mount) {
    byte[] path = Path.of(mount.target()).normalize().toString().getBytes(StandardCharsets.UTF_8);
    Found found = walk(new String(path, StandardCharsets.ISO_8859_1));
    if (found.file != null) {
      found.file.close();
    }
    return found.at;
  }

  /** True while no link and no mount was on the way: then all depends on the layers alone. */
  boolean isPlain() {
    return plain;
  }

  /**
   * A file's fields; those of none where there is no such regular file.
   *
   * @throws JcomposeException.InvalidArgument for a file of more than 2 MiB: a group that is not
   *     seen would be missing in silence
   */
  FieldReader open(String path) {
    return new FieldReader(read(path));
  }

  private byte[] read(String path) {
    Found found = walk(path);
    if (found.file == null) {
      return EMPTY;
    }
    try (ForeignFile file = found.file) {
      return file.status().isRegular() && !file.isKernelState() ? content(file, path) : EMPTY;
    } catch (KernelException e) {
      return EMPTY;
    }
  }

  private static byte[] content(ForeignFile file, String path) {
    try (FileFd open = file.read()) {
      byte[] content = new byte[(int) Math.min(file.status().sizeBytes(), MOST_BYTES) + 1];
      int length = 0;
      for (int count = -1; count != 0; length += count) {
        if (length == content.length) {
          content = Arrays.copyOf(content, Math.min(2 * length, MOST_BYTES + 1));
        }
        count = open.read(content, length);
        if (length + count > MOST_BYTES) {
          throw new JcomposeException.InvalidArgument(
              "the container's %s is longer than %d MiB".formatted(path, MOST_BYTES >> 20));
        }
      }
      return Arrays.copyOf(content, length);
    }
  }

  /**
   * Where a path leads.
   *
   * @param at the path without links; where it ends, if it leads nowhere, the rest as it is
   * @param file null where there is none; the caller closes it
   */
  private record Found(String at, @Nullable ForeignFile file) {}

  private Found walk(String path) {
    Deque<String> rest = new ArrayDeque<>(List.of(path.split("/")));
    String at = "";
    int links = 0;
    while (!rest.isEmpty()) {
      String name = rest.pop();
      if (name.isEmpty() || name.equals(".")) {
        continue;
      }
      if (name.equals("..")) {
        at = at.substring(0, Math.max(at.lastIndexOf('/'), 0));
        continue;
      }
      if (mounts.get(at + "/" + name) instanceof Mount.Tmpfs) { // which is empty
        plain = false;
        at += "/" + name;
        continue;
      }
      ForeignFile file = entry(at, name);
      if (file == null) {
        return new Found(missing(at, name, rest), null);
      }
      if (file.status().isSymlink()) {
        plain = false;
        at = follow(file, at, rest);
        if (++links > LINKS) {
          return new Found(at, null);
        }
      } else if (rest.isEmpty()) {
        return new Found(at + "/" + name, file);
      } else {
        file.close();
        at += "/" + name;
      }
    }
    return new Found(at, null);
  }

  private static String missing(String at, String name, Deque<String> rest) {
    return at + "/" + name + (rest.isEmpty() ? "" : "/" + String.join("/", rest));
  }

  private static String follow(ForeignFile link, String at, Deque<String> rest) {
    try (link) {
      String target = new String(link.linkTarget(), StandardCharsets.ISO_8859_1);
      List<String> parts = List.of(target.split("/"));
      parts.reversed().forEach(rest::push);
      return target.startsWith("/") ? "" : at;
    }
  }

  /** Null when there is none. */
  private @Nullable ForeignFile entry(String at, String name) {
    try {
      if (mounts.get(at + "/" + name) instanceof Mount.Bind bind) {
        plain = false;
        return source(bind);
      }
      try (DirectoryFd directory = directory(at)) {
        return directory.entry(name.getBytes(StandardCharsets.ISO_8859_1));
      }
    } catch (KernelException e) {
      return null;
    }
  }

  private static ForeignFile source(Mount.Bind bind) {
    Path inside = Path.of(bind.inside());
    if (bind.inside().isEmpty()) {
      return ForeignFile.at(bind.source());
    }
    String parent = inside.getParent() == null ? "" : inside.getParent().toString();
    try (DirectoryFd source = DirectoryFd.open(bind.source());
        DirectoryFd directory = source.openInRoot(parent.getBytes(StandardCharsets.UTF_8))) {
      return directory.entry(inside.getFileName().toString().getBytes(StandardCharsets.UTF_8));
    }
  }

  /** A directory whose path has no links, in the mount that it is in. */
  private DirectoryFd directory(String at) {
    for (String above = at; !above.isEmpty(); above = parent(above)) {
      Mount mount = mounts.get(above);
      if (mount instanceof Mount.Bind bind) {
        plain = false;
        try (DirectoryFd source = DirectoryFd.of(source(bind))) {
          return source.openInRoot(bytes(at.substring(above.length())));
        }
      }
      if (mount != null) { // a tmpfs, which is empty
        plain = false;
        throw new KernelException("open", at, Errno.ENOENT.intValue());
      }
    }
    return root.openInRoot(bytes(at));
  }

  private static String parent(String path) {
    return path.substring(0, path.lastIndexOf('/'));
  }

  private static byte[] bytes(String path) {
    return path.getBytes(StandardCharsets.ISO_8859_1);
  }

  @Override
  public void close() {
    root.close();
  }
}
