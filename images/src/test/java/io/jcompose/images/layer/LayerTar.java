package io.jcompose.images.layer;

import io.jcompose.linux.file.DirectoryFd;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** A layer in the making. */
final class LayerTar {
  private ByteArrayOutputStream bytes;
  private TarArchiveOutputStream tar;

  LayerTar() {
    reset();
  }

  /** What to change of an entry. */
  interface Change {
    void apply(TarArchiveEntry entry);
  }

  void reset() {
    bytes = new ByteArrayOutputStream();
    tar = new TarArchiveOutputStream(bytes);
    tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
    tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
  }

  static void mode(TarArchiveEntry entry, int mode, int uid, int gid) {
    entry.setMode(mode);
    entry.setIds(uid, gid);
  }

  void entry(String name, char type, String text, Change change) throws IOException {
    TarArchiveEntry entry = new TarArchiveEntry(name, (byte) type, true);
    byte[] content = text.getBytes(StandardCharsets.UTF_8);
    entry.setSize(content.length);
    entry.setMode(type == '5' ? 0755 : 0644);
    entry.setModTime(1_000_000_000_000L);
    change.apply(entry);
    tar.putArchiveEntry(entry);
    tar.write(content);
    tar.closeArchiveEntry();
  }

  byte[] bytes() throws IOException {
    tar.close();
    return bytes.toByteArray();
  }

  LayerUnpacker.Result unpack(Path root) throws IOException {
    try (DirectoryFd fd = DirectoryFd.open(root)) {
      return LayerUnpacker.unpack(new ByteArrayInputStream(bytes()), fd, 1);
    }
  }

  static String stat(Path path) throws Exception {
    Process process = new ProcessBuilder("stat", "-c", "%a %u:%g %Y %F", path.toString()).start();
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
  }
}
