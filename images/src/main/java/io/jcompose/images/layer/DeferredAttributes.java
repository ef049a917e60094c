package io.jcompose.images.layer;

import io.jcompose.core.JcomposeException;
import io.jcompose.linux.file.DirectoryFd;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What an archive's directories shall look like in the end, in the order of their entries: some in
 * memory, the rest in a file without a name, for an archive may have any number of them. Confined
 * to one thread; the owner closes it.
 */
public final class DeferredAttributes implements AutoCloseable {
  private static final int MEMORY = 1 << 18;
  private static final long FILE_LIMIT = 2L << 30;
  private static final int ACL_LIMIT = 1 << 16;
  private static final int FIXED = 7 * Integer.BYTES + Long.BYTES;

  private final Path place;
  private final ByteArrayOutputStream memory = new ByteArrayOutputStream();
  private byte @Nullable [] tail;
  private @Nullable FileChannel file;
  private long fileBytes;

  /**
   * @param place where the file may be made
   */
  public DeferredAttributes(Path place) {
    this.place = place;
  }

  /**
   * One directory.
   *
   * @param path raw bytes as ISO 8859-1
   * @param defaultAcl a value of system.posix_acl_default; empty for none
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Directory(
      String path,
      int uid,
      int gid,
      int mode,
      long mtimeSeconds,
      int mtimeNanos,
      byte[] defaultAcl) {
    static Directory of(String path, TarEntry entry, byte[] defaultAcl) {
      return new Directory(
          path,
          entry.uid(),
          entry.gid(),
          entry.mode(),
          entry.mtimeSeconds(),
          entry.mtimeNanos(),
          defaultAcl);
    }

    void apply(DirectoryFd directory) {
      directory.setAttributes(uid, gid, mode, mtimeSeconds, mtimeNanos);
    }
  }

  /** Adds a directory. */
  public void add(Directory directory) {
    byte[] path = TarEntry.raw(directory.path);
    if (directory.defaultAcl.length > ACL_LIMIT) {
      throw new JcomposeException.Corrupt("access list of " + directory.path + " is too large");
    }
    try {
      DataOutputStream out = new DataOutputStream(memory);
      int size = FIXED + path.length + directory.defaultAcl.length;
      out.writeInt(path.length);
      out.write(path);
      out.writeInt(directory.uid);
      out.writeInt(directory.gid);
      out.writeInt(directory.mode);
      out.writeLong(directory.mtimeSeconds);
      out.writeInt(directory.mtimeNanos);
      out.writeInt(directory.defaultAcl.length);
      out.write(directory.defaultAcl);
      out.writeInt(size); // to be read backwards
      if (memory.size() > MEMORY) {
        spill();
      }
    } catch (IOException e) {
      throw new UncheckedIOException("failed to keep attributes of directories", e);
    }
  }

  /** Reads all in the order in which they were added. */
  public void forEach(Consumer<Directory> use) {
    long end = size();
    long at = 0;
    while (at < end) {
      ByteBuffer start = read(at, Integer.BYTES);
      int pathLength = start.getInt();
      int aclAt = pathLength + FIXED - 2 * Integer.BYTES;
      int acl = read(at + aclAt, Integer.BYTES).getInt();
      use.accept(parse(read(at, FIXED + pathLength + acl)));
      at += FIXED + pathLength + acl;
    }
  }

  /** Reads all, the last one first. */
  public void forEachReversed(Consumer<Directory> use) {
    long at = size();
    while (at > 0) {
      int size = read(at - Integer.BYTES, Integer.BYTES).getInt();
      at -= size;
      use.accept(parse(read(at, size)));
    }
  }

  @Override
  public void close() {
    if (file != null) {
      try {
        file.close();
      } catch (IOException e) {
        throw new UncheckedIOException("failed to close a temporary file", e);
      }
    }
  }

  private long size() {
    return fileBytes + memory.size();
  }

  private void spill() throws IOException {
    FileChannel to = file;
    if (to == null) {
      Path made = Files.createTempFile(place, ".directories", "");
      to = FileChannel.open(made, StandardOpenOption.READ, StandardOpenOption.WRITE);
      file = to;
      Files.delete(made);
    }
    if (fileBytes + memory.size() > FILE_LIMIT) {
      throw new JcomposeException.Corrupt("an archive has too many directories");
    }
    ByteBuffer bytes = ByteBuffer.wrap(memory.toByteArray());
    while (bytes.hasRemaining()) {
      fileBytes += to.write(bytes, fileBytes);
    }
    memory.reset();
  }

  private ByteBuffer read(long at, int length) {
    if (at >= fileBytes) {
      return ByteBuffer.wrap(tail(), (int) (at - fileBytes), length);
    }
    ByteBuffer bytes = ByteBuffer.allocate(length);
    try {
      FileChannel from = Objects.requireNonNull(file);
      while (bytes.hasRemaining()) {
        if (from.read(bytes, at + bytes.position()) < 0) {
          throw new EOFException("it is shorter than it was");
        }
      }
      return bytes.flip();
    } catch (IOException e) {
      throw new UncheckedIOException("failed to read attributes of directories", e);
    }
  }

  /** What is in memory; nothing is added once it was read. */
  private byte[] tail() {
    byte[] present = tail;
    if (present == null || present.length != memory.size()) {
      present = memory.toByteArray();
      tail = present;
    }
    return present;
  }

  private static Directory parse(ByteBuffer bytes) {
    byte[] path = new byte[bytes.getInt()];
    bytes.get(path);
    int uid = bytes.getInt();
    int gid = bytes.getInt();
    int mode = bytes.getInt();
    long seconds = bytes.getLong();
    int nanos = bytes.getInt();
    byte[] acl = new byte[bytes.getInt()];
    bytes.get(acl);
    String name = new String(path, StandardCharsets.ISO_8859_1);
    return new Directory(name, uid, gid, mode, seconds, nanos, acl);
  }
}
