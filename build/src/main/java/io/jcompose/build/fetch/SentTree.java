package io.jcompose.build.fetch;

import io.jcompose.build.context.Scratch;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.build.SentFolder;
import io.jcompose.linux.KernelException;
import io.jcompose.linux.file.DirectoryFd;
import io.jcompose.linux.file.FileFd;
import io.jcompose.linux.file.FileStatus;
import io.jcompose.linux.file.TreeRemoval;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import jnr.constants.platform.Errno;
import org.jspecify.annotations.Nullable;

/**
 * A {@link SentFolder} in a builder's scratch. No link is followed on the way to a name, so that
 * nothing outside can be reached. What a file says of itself is true once its content is whole: its
 * time is set last.
 */
final class SentTree implements AutoCloseable {
  private static final int MODES = 07777;
  private static final int FIFO = 0010000;
  private static final int MOST_LEVELS = 120; // of an image's layer too
  private static final int MOST_ENTRIES = 5_000_000;
  private static final long MOST_HELD_BYTES = Runtime.getRuntime().maxMemory() / 8;
  private static final int BESIDE_A_TEXT = 150;

  private final Scratch scratch;
  private final Path folder;
  private final Set<String> withXattrs = new HashSet<>();
  private final List<Level> levels = new ArrayList<>();
  private final List<HardLink> links = new ArrayList<>();
  private final List<SentFolder.Entry> folders = new ArrayList<>();
  private @Nullable DirectoryFd contentFolder;
  private String contentPath = "";
  private long bytes;
  private long mostBytes;
  private long entries;
  private long heldBytes;

  /** A folder whose entries come at the moment, with those that came. */
  private record Level(String path, DirectoryFd directory, Set<String> named) {}

  private record HardLink(SentFolder.Entry entry, String target) {}

  /**
   * @param place where the folder is made
   */
  SentTree(Path place) {
    this.scratch = new Scratch(place, "sent-");
    this.folder = scratch.inner();
  }

  Path path() {
    return folder;
  }

  /** Of all files together. */
  long bytes() {
    return bytes;
  }

  /** Everything is told of anew. */
  void begin(long limit) {
    mostBytes = limit;
    bytes = 0;
    entries = 0;
    heldBytes = 0;
    links.clear();
    folders.clear();
    levels.add(new Level("", DirectoryFd.open(folder), new HashSet<>()));
  }

  void folder(SentFolder.Entry entry) {
    DirectoryFd parent = named(entry);
    if (levels.size() > MOST_LEVELS) {
      throw new JcomposeException.InvalidArgument(
          "the build context is more than " + MOST_LEVELS + " folders deep");
    }
    byte[] name = utf8(entry.name());
    Optional<FileStatus> present = parent.stat(name);
    if (present.isPresent() && !present.get().isDirectory()) {
      parent.unlink(name);
    }
    if (present.isEmpty() || !present.get().isDirectory()) {
      parent.mkdir(name, 0700);
    }
    levels.add(new Level(entry.path(), parent.openDirectory(name), new HashSet<>()));
    hold(entry.path());
    folders.add(
        new SentFolder.Entry(
            entry.path(), entry.mode(), entry.mtimeSeconds(), entry.mtimeNanos(), Map.of()));
  }

  void link(SentFolder.Entry entry, String target) {
    DirectoryFd parent = named(entry);
    byte[] name = utf8(entry.name());
    TreeRemoval.remove(parent, name);
    parent.symlink(utf8(target), name);
    parent.setMtime(name, entry.mtimeSeconds(), entry.mtimeNanos());
  }

  /** Made in the end, for the file itself may be still to come. */
  void hardLink(SentFolder.Entry entry, String target) {
    TreeRemoval.remove(named(entry), utf8(entry.name()));
    hold(entry.path() + target);
    links.add(new HardLink(entry, target));
  }

  void pipe(SentFolder.Entry entry) {
    DirectoryFd parent = named(entry);
    byte[] name = utf8(entry.name());
    TreeRemoval.remove(parent, name);
    parent.mknod(name, FIFO | 0600, 0);
    parent.chmod(name, entry.mode() & MODES);
    parent.setMtime(name, entry.mtimeSeconds(), entry.mtimeNanos());
  }

  boolean file(SentFolder.Entry entry, long size) {
    DirectoryFd parent = named(entry);
    byte[] name = utf8(entry.name());
    boolean hadXattrs = withXattrs.remove(entry.path());
    Optional<FileStatus> present = parent.stat(name);
    if (present.isEmpty()) {
      return false;
    }
    FileStatus status = present.get();
    boolean same =
        status.isRegular()
            && status.links() == 1
            && status.sizeBytes() == size
            && status.mtimeSeconds() == entry.mtimeSeconds()
            && status.mtimeNanos() == entry.mtimeNanos()
            && (status.mode() & MODES) == (entry.mode() & MODES)
            && !hadXattrs
            && entry.xattrs().isEmpty();
    if (same) {
      count(size);
    } else {
      TreeRemoval.remove(parent, name);
    }
    return same;
  }

  OutputStream content(SentFolder.Entry entry) {
    if (contentFolder == null || !entry.parent().equals(contentPath)) {
      leaveContent();
      contentFolder = walk(entry.parent());
      contentPath = entry.parent();
    }
    if (!entry.xattrs().isEmpty()) {
      hold(entry.path());
      withXattrs.add(entry.path());
    }
    return new Content(contentFolder.createFile(utf8(entry.name()), 0600), entry);
  }

  private void leaveContent() {
    if (contentFolder != null) {
      contentFolder.close();
      contentFolder = null;
    }
  }

  /** The folder that an entry is in, in which its name is known from now on. */
  private DirectoryFd named(SentFolder.Entry entry) {
    for (String component : entry.path().split("/", -1)) {
      if (component.isEmpty() || component.equals(".") || component.equals("..")) {
        throw wrong(entry);
      }
    }
    while (levels.size() > 1 && !levels.getLast().path.equals(entry.parent())) {
      leave();
    }
    Level level = levels.getLast();
    if (!level.path.equals(entry.parent()) || !level.named.add(entry.name())) {
      throw wrong(entry);
    }
    hold(entry.name());
    if (++entries > MOST_ENTRIES) {
      throw new JcomposeException.InvalidArgument(
          "the build context has more than " + MOST_ENTRIES + " files and folders");
    }
    return level.directory;
  }

  private static JcomposeException wrong(SentFolder.Entry entry) {
    return new JcomposeException.InvalidArgument(
        "no path in a build context, or none at this place: " + entry.path());
  }

  /** Counts what is kept in memory until all has come. */
  private void hold(String text) {
    heldBytes += 2L * text.length() + BESIDE_A_TEXT;
    if (heldBytes > MOST_HELD_BYTES) {
      throw new JcomposeException.InvalidArgument(
          "the build context has too many names for the engine's memory; leave some out by a"
              + " .dockerignore");
    }
  }

  /** What was not told of a folder is there no more. */
  private void leave() {
    Level level = levels.removeLast();
    try (DirectoryFd directory = level.directory) {
      for (byte[] name : directory.list()) {
        if (!level.named.contains(new String(name, StandardCharsets.UTF_8))) {
          TreeRemoval.remove(directory, name);
        }
      }
      level.named.forEach(name -> heldBytes -= 2L * name.length() + BESIDE_A_TEXT);
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

  private void count(long more) {
    bytes += more;
    if (bytes > mostBytes) {
      throw new JcomposeException.InvalidArgument(
          "the build context has more than " + mostBytes + " bytes");
    }
  }

  void finish() {
    leaveContent();
    while (!levels.isEmpty()) {
      leave();
    }
    links.forEach(this::make); // when nothing is there that was not told of
    folders.reversed().forEach(this::describe);
    folders.clear();
  }

  private void make(HardLink link) {
    SentFolder.Entry entry = link.entry;
    int slash = link.target.lastIndexOf('/');
    try (DirectoryFd from = walk(link.target.substring(0, Math.max(0, slash)));
        DirectoryFd to = walk(entry.parent())) {
      to.link(from, utf8(link.target.substring(slash + 1)), utf8(entry.name()));
    } catch (KernelException e) {
      if (e.is(Errno.ENOENT) || e.is(Errno.ENOTDIR) || e.is(Errno.ELOOP)) {
        throw wrong(entry);
      }
      throw e;
    }
  }

  /** In the end, for what comes into a folder changes its time. */
  private void describe(SentFolder.Entry entry) {
    try (DirectoryFd made = walk(entry.path())) {
      made.setAttributes(0, 0, entry.mode() & MODES, entry.mtimeSeconds(), entry.mtimeNanos());
    }
  }

  /** Lets go of what is open; {@link #remove} is still to come. */
  @Override
  public void close() {
    leaveContent();
    levels.forEach(level -> level.directory.close());
    levels.clear();
  }

  /** Removes it all. */
  void remove() {
    close();
    scratch.close();
  }

  /** A file that grows. */
  private final class Content extends OutputStream {
    private final FileFd file;
    private final SentFolder.Entry entry;
    private boolean closed;

    Content(FileFd file, SentFolder.Entry entry) {
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
