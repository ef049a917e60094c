package io.jcompose.build.fetch;

import io.jcompose.build.context.Scratch;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.build.SentFolder;
import io.jcompose.images.layer.DeferredAttributes;
import io.jcompose.linux.KernelException;
import io.jcompose.linux.file.DirectoryFd;
import io.jcompose.linux.file.FileFd;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import jnr.constants.platform.Errno;

/**
 * A {@link SentFolder} in a builder's scratch. No link is followed on the way to a name, so that
 * nothing outside can be reached.
 */
public final class SentTree implements SentFolder {
  private static final long MOST_BYTES = 20_000_000_000L;
  private static final int MODES = 07777;
  private static final int FIFO = 0010000;

  private final Scratch scratch;
  private final Path folder;
  private final DeferredAttributes folders;
  private String parentPath = "";
  private DirectoryFd parent;
  private long bytes;

  /**
   * @param place where the folder is made
   */
  public SentTree(Path place) {
    this.scratch = new Scratch(place, "sent-");
    this.folder = scratch.inner();
    this.parent = DirectoryFd.open(folder);
    this.folders = new DeferredAttributes(scratch.folder());
  }

  @Override
  public Path path() {
    return folder;
  }

  @Override
  public void folder(Entry entry) {
    make(entry, name -> parent.mkdir(name, 0700));
    folders.add(
        new DeferredAttributes.Directory(
            new String(utf8(entry.path()), StandardCharsets.ISO_8859_1),
            0,
            0,
            entry.mode() & MODES,
            entry.mtimeSeconds(),
            entry.mtimeNanos(),
            new byte[0]));
  }

  @Override
  public void link(Entry entry, String target) {
    make(
        entry,
        name -> {
          parent.symlink(utf8(target), name);
          parent.setMtime(name, entry.mtimeSeconds(), entry.mtimeNanos());
        });
  }

  @Override
  public void hardLink(Entry entry, String path) {
    int slash = path.lastIndexOf('/');
    try (DirectoryFd from = walk(slash < 0 ? "" : path.substring(0, slash))) {
      make(entry, name -> parent.link(from, utf8(path.substring(slash + 1)), name));
    }
  }

  @Override
  public void pipe(Entry entry) {
    make(
        entry,
        name -> {
          parent.mknod(name, FIFO | 0600, 0);
          parent.chmod(name, entry.mode() & MODES);
          parent.setMtime(name, entry.mtimeSeconds(), entry.mtimeNanos());
        });
  }

  @Override
  public OutputStream file(Entry entry) {
    FileFd[] made = new FileFd[1];
    make(entry, name -> made[0] = parent.createFile(name, 0600));
    return new File(made[0], entry);
  }

  /** What is done with a name in its parent. */
  private interface Making {
    void in(byte[] name);
  }

  private void make(Entry entry, Making making) {
    String path = entry.path();
    for (String component : path.split("/", -1)) {
      if (component.isEmpty() || component.equals(".") || component.equals("..")) {
        throw new JcomposeException.InvalidArgument("no path in a build context: " + path);
      }
    }
    int slash = path.lastIndexOf('/');
    try {
      enter(slash < 0 ? "" : path.substring(0, slash));
      making.in(utf8(path.substring(slash + 1)));
    } catch (KernelException e) {
      if (e.is(Errno.EEXIST) || e.is(Errno.ENOENT) || e.is(Errno.ENOTDIR) || e.is(Errno.ELOOP)) {
        throw new JcomposeException.InvalidArgument(
            "the build context cannot have " + path + ": " + e.getMessage(), e);
      }
      throw e;
    }
  }

  /** Files of one folder follow each other. */
  private void enter(String path) {
    if (!path.equals(parentPath)) {
      DirectoryFd next = walk(path);
      parent.close();
      parent = next;
      parentPath = path;
    }
  }

  private DirectoryFd walk(String path) {
    DirectoryFd at = DirectoryFd.open(folder);
    for (String name : path.split("/")) {
      if (!name.isEmpty()) {
        try (DirectoryFd above = at) {
          at = above.openDirectory(utf8(name));
        }
      }
    }
    return at;
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private void count(int more) throws IOException {
    bytes += more;
    if (bytes > MOST_BYTES) {
      throw new IOException("the build context has more than " + MOST_BYTES + " bytes");
    }
  }

  @Override
  public void finish() {
    folders.forEachReversed(this::describe);
  }

  private void describe(DeferredAttributes.Directory directory) {
    byte[] raw = directory.path().getBytes(StandardCharsets.ISO_8859_1);
    try (DirectoryFd made = walk(new String(raw, StandardCharsets.UTF_8))) {
      made.setAttributes(0, 0, directory.mode(), directory.mtimeSeconds(), directory.mtimeNanos());
    }
  }

  @Override
  public void close() {
    parent.close();
    folders.close();
    scratch.close();
  }

  /** A file that grows. */
  private final class File extends OutputStream {
    private final FileFd file;
    private final Entry entry;
    private boolean closed;

    File(FileFd file, Entry entry) {
      this.file = file;
      this.entry = entry;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] source, int offset, int length) throws IOException {
      count(length);
      file.write(
          offset == 0 ? source : Arrays.copyOfRange(source, offset, offset + length), length);
    }

    @Override
    public void close() {
      if (!closed) {
        closed = true;
        try (file) {
          entry.xattrs().forEach(this::describe);
          file.chmod(entry.mode() & MODES);
          file.setMtime(entry.mtimeSeconds(), entry.mtimeNanos());
        }
      }
    }

    /** Those that an image may have. */
    private void describe(String name, byte[] value) {
      if (name.equals("security.capability") || name.startsWith("user.")) {
        file.setXattr(name, value);
      }
    }
  }
}
