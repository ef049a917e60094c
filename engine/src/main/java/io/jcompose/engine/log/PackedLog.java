package io.jcompose.engine.log;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPInputStream;

/**
 * A rotated log in gzip form (RFC 1952), with Docker's extra field about its last record and, as
 * the comment, the inode of the file that it was made from: by it a reader that holds the original
 * knows where it is. Stateless.
 */
final class PackedLog {
  private static final int MAGIC = 0x8b1f;
  private static final int DEFLATE = 8;
  private static final int EXTRA_AND_COMMENT = 4 | 16;
  private static final int HEAD_BYTES = 10;
  private static final int BUFFER = 64 << 10;

  private PackedLog() {}

  /** Writes the packed form of {@code plain} durably to {@code target}. */
  static void write(Path plain, long inode, String lastTime, Path target) throws IOException {
    CRC32 sum = new CRC32();
    long size = 0;
    Deflater deflater = new Deflater(Deflater.BEST_SPEED, true);
    try (InputStream in = Files.newInputStream(plain);
        OutputStream out = Channels.newOutputStream(create(target))) {
      out.write(head(inode, lastTime));
      DeflaterOutputStream packed = new DeflaterOutputStream(out, deflater, BUFFER);
      byte[] buffer = new byte[BUFFER];
      for (int n = in.read(buffer); n > 0; n = in.read(buffer)) {
        sum.update(buffer, 0, n);
        size += n;
        packed.write(buffer, 0, n);
      }
      packed.finish();
      byte[] tail = new byte[2 * Integer.BYTES];
      ByteBuffer.wrap(tail)
          .order(ByteOrder.LITTLE_ENDIAN)
          .putInt((int) sum.getValue())
          .putInt((int) size);
      out.write(tail);
    } finally {
      deflater.end();
    }
    try (FileChannel written = FileChannel.open(target, StandardOpenOption.WRITE)) {
      written.force(true);
    }
  }

  /** As closed as the log itself: the folder above is no reason for the file to be open. */
  private static FileChannel create(Path target) throws IOException {
    Files.deleteIfExists(target);
    return FileChannel.open(
        target,
        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
  }

  private static byte[] head(long inode, String lastTime) {
    // moby, daemon/logger/loggerutils/logfile.go: the extra field is this JSON, without a subfield.
    byte[] extra = ("{\"lastTime\":\"" + lastTime + "\"}").getBytes(StandardCharsets.US_ASCII);
    byte[] comment = ("inode=" + inode).getBytes(StandardCharsets.US_ASCII);
    byte[] bytes = new byte[HEAD_BYTES + 2 + extra.length + comment.length + 1];
    ByteBuffer head = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    head.putShort((short) MAGIC).put((byte) DEFLATE).put((byte) EXTRA_AND_COMMENT);
    head.putInt(0).put((byte) 0).put((byte) 255);
    head.putShort((short) extra.length).put(extra).put(comment).put((byte) 0);
    return bytes;
  }

  /**
   * What identifies a packed file among all others of its log. Neither of the two is enough: the
   * inode is free for another file as soon as the original is gone.
   *
   * @param inode of the file that it was made from; 0 for a file of another making
   * @param extra the extra field: the time of the last record
   */
  record Identity(long inode, String extra) {}

  static Identity identityOf(Path packed) throws IOException {
    try (DataInputStream in = new DataInputStream(Files.newInputStream(packed))) {
      byte[] bytes = in.readNBytes(HEAD_BYTES);
      ByteBuffer head = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
      if (bytes.length < HEAD_BYTES
          || (head.getShort(0) & 0xffff) != MAGIC
          || head.get(3) != EXTRA_AND_COMMENT) {
        return new Identity(0, "");
      }
      byte[] extra = in.readNBytes(in.readUnsignedByte() | in.readUnsignedByte() << 8);
      StringBuilder comment = new StringBuilder();
      for (int c = in.read(); c > 0 && comment.length() < 64; c = in.read()) {
        comment.append((char) c);
      }
      String text = comment.toString();
      long inode = text.matches("inode=\\d{1,19}") ? Long.parseLong(text.substring(6)) : 0;
      return new Identity(inode, new String(extra, StandardCharsets.ISO_8859_1));
    }
  }

  /** The unpacked bytes, in a file that has no name from its opening on (DELETE_ON_CLOSE). */
  static FileChannel unpack(Path packed) throws IOException {
    Path temp = Files.createTempFile("jcompose-log", "");
    FileChannel channel =
        FileChannel.open(
            temp,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE,
            StandardOpenOption.DELETE_ON_CLOSE);
    try (InputStream in = new GZIPInputStream(Files.newInputStream(packed), BUFFER)) {
      byte[] buffer = new byte[BUFFER];
      for (int n = in.read(buffer); n > 0; n = in.read(buffer)) {
        ByteBuffer part = ByteBuffer.wrap(buffer, 0, n);
        while (part.hasRemaining()) {
          channel.write(part);
        }
      }
      return channel.position(0);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }
}
