package io.jcompose.linux.file;

import static io.jcompose.linux.file.FileSystemCalls.LIBC;

import io.jcompose.linux.Libc;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Reads the names in a directory, some at a time, without {@code .} and {@code ..} (man 2
 * getdents64). Entries may be removed meanwhile. Confined to one thread; the caller closes it.
 */
public final class DirectoryNames implements AutoCloseable {
  private static final int BLOCK = 32768;

  /** Enough for most directories. */
  private static final int FIRST_BLOCK = 2048;

  private final String directory;
  private byte[] block = new byte[FIRST_BLOCK];
  private int fd; // -1 when closed: another file may have the number by then

  /**
   * @param fd a descriptor of its own, with a position of its own
   */
  DirectoryNames(int fd, String directory) {
    this.fd = fd;
    this.directory = directory;
  }

  /** The next names, unsorted, up to about a thousand; none at the end. */
  public List<byte[]> next() {
    List<byte[]> names = new ArrayList<>();
    int size = -1;
    while (names.isEmpty() && size != 0) { // a block may hold the dots alone
      size = (int) Libc.check(LIBC.getdents64(fd, block, block.length), "getdents", directory);
      add(block, size, names);
      if (size > FIRST_BLOCK / 2 && block.length < BLOCK) {
        block = new byte[BLOCK];
      }
    }
    return names;
  }

  /** Closing again does nothing. */
  @Override
  public void close() {
    int open = fd;
    fd = -1;
    if (open >= 0) {
      LIBC.close(open);
    }
  }

  private static void add(byte[] block, int size, List<byte[]> names) {
    ByteBuffer data = ByteBuffer.wrap(block).order(ByteOrder.nativeOrder());
    int offset = 0;
    while (offset < size) {
      int end = offset + 19;
      while (block[end] != 0) {
        end++;
      }
      byte[] entry = Arrays.copyOfRange(block, offset + 19, end);
      if (!KernelArguments.isDots(entry)) {
        names.add(entry);
      }
      offset += data.getShort(offset + 16) & 0xffff;
    }
  }
}
