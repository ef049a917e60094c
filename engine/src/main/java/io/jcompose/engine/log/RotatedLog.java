package io.jcompose.engine.log;

import io.jcompose.core.Containers.LogPlace;
import io.jcompose.runtime.LogFiles;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The complete lines of a rotated log, oldest file first, packed ones unpacked; {@link LogFiles}
 * knows their names. An open file is told apart from its successor by its inode, so that a rotation
 * in between neither repeats nor skips a line. Owned by one thread, but for {@link #close}.
 */
final class RotatedLog {
  private static final int BUFFER_BYTES = 8 << 10; // of each log that one request merges

  /** No record is that long: one that is was written by a power cut or another program. */
  private static final int LONGEST_LINE = 1 << 20;

  private static final int LISTING_TRIES = 100;

  private final Path log;
  private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES).flip();
  private ByteArrayOutputStream partial = new ByteArrayOutputStream();
  private @Nullable FileChannel channel;
  private long filled; // offset in the file of the end of what the buffer holds
  private long start; // offset of the line that comes next
  private boolean tooLong; // of the line that comes next some was thrown away
  private long inode; // of the file as the shim wrote it
  private PackedLog.@Nullable Identity packed; // what is open, if it is a packed one
  private volatile boolean closed;

  RotatedLog(Path log) {
    this.log = log;
  }

  /** The next line without its newline, empty for one too long; null when there is none now. */
  byte @Nullable [] next() {
    try {
      while (!closed) {
        byte[] line = buffered();
        if (line != null) {
          return line;
        }
        if (!fill() && !advance()) {
          return null;
        }
      }
      return null;
    } catch (ClosedChannelException e) {
      closed = true; // by another thread, or by an interrupt of this one
      return null;
    } catch (IOException e) {
      throw new UncheckedIOException("failed to read " + log, e);
    }
  }

  /** True when the log is gone: its container was removed. */
  boolean isPast() {
    return closed || !Files.exists(Objects.requireNonNull(log.getParent()));
  }

  /**
   * Moves to where at least the last {@code count} lines follow, long ones with all their pieces; a
   * few more may.
   */
  void seekTail(long count) {
    try {
      // The line before them too: what comes behind it may be a piece of the first.
      long missing = count == Long.MAX_VALUE ? count : count + 1;
      for (Path file : newestFirst()) {
        try {
          open(file);
          LogTail found = LogTail.of(Objects.requireNonNull(channel), missing);
          position(found.offset());
          missing -= found.lines();
          if (missing <= 0) {
            return;
          }
        } catch (NoSuchFileException e) {
          return; // rotated away just now: what is open is the oldest
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("failed to read " + log, e);
    }
  }

  /** Where the line after the one that {@link #next} gave last begins. */
  LogPlace place() {
    return new LogPlace(inode, start);
  }

  /** Where the line after the one that {@link #next} gave last begins, and in which file. */
  Mark mark() {
    return new Mark(place(), packed);
  }

  /**
   * A place in a file.
   *
   * @param packed null for a file that is not packed, or of which only the inode is known
   */
  record Mark(LogPlace place, PackedLog.@Nullable Identity packed) {}

  /**
   * Moves to a place; to the beginning of what is left where its file was rotated away, and returns
   * false then.
   */
  boolean seek(LogPlace place) {
    return seek(new Mark(place, null));
  }

  /** The same; of packed files several may have had one inode's number, one after the other. */
  boolean seek(Mark mark) {
    LogPlace place = mark.place;
    try {
      for (Path file : newestFirst()) {
        Opened opened = Opened.of(file);
        use(opened);
        if (mark.packed == null
            ? opened.inode == place.inode()
            : mark.packed.equals(opened.packed)) {
          position(isBoundary(place.offset()) ? place.offset() : 0);
          return true;
        }
      }
      return place.inode() == 0; // else none has it: what is open now is the oldest
    } catch (NoSuchFileException e) {
      return false; // rotated away just now
    } catch (IOException e) {
      throw new UncheckedIOException("failed to read " + log, e);
    }
  }

  /** False where an inode's number was given to a newer file. */
  private boolean isBoundary(long offset) throws IOException {
    ByteBuffer before = ByteBuffer.allocate(1);
    return offset > 0
        && Objects.requireNonNull(channel).read(before, offset - 1) == 1
        && before.get(0) == '\n';
  }

  /** Moves behind the last line. */
  void seekEnd() {
    try {
      if (Files.exists(log)) {
        open(log);
        position(Objects.requireNonNull(channel).size());
      }
    } catch (IOException e) {
      throw new UncheckedIOException("failed to read " + log, e);
    }
  }

  void close() {
    closed = true;
    FileChannel open = channel;
    if (open != null) {
      try {
        open.close();
      } catch (IOException e) {
        throw new UncheckedIOException("failed to close " + log, e);
      }
    }
  }

  private byte @Nullable [] buffered() {
    for (int i = buffer.position(); i < buffer.limit(); i++) {
      if (buffer.get(i) == '\n') {
        partial.write(buffer.array(), buffer.position(), i - buffer.position());
        buffer.position(i + 1);
        start = filled - buffer.remaining();
        byte[] line = tooLong ? new byte[0] : partial.toByteArray();
        discard();
        return line;
      }
    }
    partial.write(buffer.array(), buffer.position(), buffer.remaining());
    buffer.position(buffer.limit());
    if (partial.size() > LONGEST_LINE) {
      discard();
      tooLong = true;
    }
    return null;
  }

  private void discard() {
    tooLong = false;
    if (partial.size() > BUFFER_BYTES) {
      partial = new ByteArrayOutputStream(); // one long line must not be kept room for
    } else {
      partial.reset();
    }
  }

  private boolean fill() throws IOException {
    if (channel == null) {
      return false;
    }
    buffer.clear();
    int read = channel.read(buffer);
    buffer.flip();
    filled += Math.max(0, read);
    return read > 0;
  }

  /**
   * Goes on to the file after the one that is open, if there is one; true when there may be more to
   * read.
   */
  private boolean advance() throws IOException {
    List<Path> files = newestFirst();
    if (channel == null) {
      if (files.isEmpty()) {
        return false;
      }
      open(files.getLast());
      return true;
    }
    for (int i = 0; i < files.size(); i++) {
      if (isOpen(files.get(i))) {
        // What was written between the last read and the rotation comes first.
        return i > 0 && (fill() || openSuccessor(files.get(i), files.get(i - 1)));
      }
    }
    // The open file was rotated out of existence: go on with the oldest that is left.
    if (fill()) {
      return true;
    }
    if (files.isEmpty()) {
      return false;
    }
    open(files.getLast());
    return true;
  }

  /**
   * Opens the file after the one that is open, unless a rotation moved them meanwhile; true either
   * way, for there is more to read.
   */
  private boolean openSuccessor(Path current, Path next) throws IOException {
    Opened opened;
    try {
      opened = Opened.of(next);
    } catch (NoSuchFileException e) {
      return true; // look again
    }
    if (!isOpen(current)) {
      opened.channel.close(); // by now `next` may name a later one
      return true;
    }
    use(opened);
    return true;
  }

  private void open(Path file) throws IOException {
    use(Opened.of(file));
  }

  /** True for the file that is open, also when it was packed since. */
  private boolean isOpen(Path file) throws IOException {
    if (!isPacked(file)) {
      return packed == null && inodeOf(file) == inode;
    }
    try {
      PackedLog.Identity found = PackedLog.identityOf(file);
      return packed == null ? found.inode() == inode : found.equals(packed);
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  private static boolean isPacked(Path file) {
    return file.toString().endsWith(LogFiles.PACKED);
  }

  private void use(Opened opened) throws IOException {
    if (channel != null) {
      channel.close();
    }
    channel = opened.channel;
    inode = opened.inode;
    filled = 0;
    start = 0;
    packed = opened.packed;
    discard(); // a line is never split over two files
    buffer.clear().flip();
    if (closed) {
      opened.channel.close();
    }
  }

  private void position(long offset) throws IOException {
    Objects.requireNonNull(channel).position(offset);
    filled = offset;
    start = offset;
  }

  /** Looks again when a rotation began or ended meanwhile, by which files may be passed over. */
  private List<Path> newestFirst() throws IOException {
    List<Path> files = List.of();
    for (int tries = 0; tries < LISTING_TRIES; tries++) {
      long newest = inodeOf(log);
      files = list();
      if (inodeOf(log) == newest) {
        break;
      }
    }
    return files;
  }

  private List<Path> list() throws IOException {
    List<Path> files = new ArrayList<>();
    if (Files.exists(log)) {
      files.add(log);
    }
    files.addAll(LogFiles.newestFirst(log));
    return files;
  }

  /** 0 when there is no such file. */
  private static long inodeOf(Path file) throws IOException {
    try {
      return ((Number) Files.getAttribute(file, "unix:ino")).longValue();
    } catch (NoSuchFileException e) {
      return 0;
    }
  }

  /**
   * An open file.
   *
   * @param inode of the file as the shim wrote it
   * @param packed null for a file that is not packed
   */
  private record Opened(FileChannel channel, long inode, PackedLog.@Nullable Identity packed) {
    static Opened of(Path file) throws IOException {
      if (isPacked(file)) {
        PackedLog.Identity identity = PackedLog.identityOf(file);
        return new Opened(PackedLog.unpack(file), identity.inode(), identity);
      }
      FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
      return new Opened(channel, inodeOf(file), null);
    }
  }
}
