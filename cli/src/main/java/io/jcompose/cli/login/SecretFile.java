package io.jcompose.cli.login;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileOwnerAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.security.SecureRandom;
import java.util.Objects;
import java.util.Set;

/** Writes files that only their owner may read. Stateless. */
final class SecretFile {
  private static final FileAttribute<Set<PosixFilePermission>> OWN =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
  private static final FileAttribute<Set<PosixFilePermission>> OWN_FOLDER =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

  private static final Set<OpenOption> NEW =
      Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW, LinkOption.NOFOLLOW_LINKS);
  private static final SecureRandom RANDOM = new SecureRandom();

  private SecretFile() {}

  /** Makes a folder that is missing, for its owner alone. */
  static void makeFolder(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      Files.createDirectories(folder, OWN_FOLDER);
    }
  }

  /**
   * Replaces a file: it is the old one or the new one at any moment, and its owner stays (`sudo`
   * with the user's HOME). Whoever may write to the folder cannot lead root to another file by a
   * link: no link is followed, and the file in work is a new one.
   */
  static void replace(Path file, String text) throws IOException {
    Path folder = Objects.requireNonNull(file.toAbsolutePath().getParent());
    Path temp = folder.resolve(".config" + Long.toHexString(RANDOM.nextLong()) + ".json");
    try (FileChannel out = FileChannel.open(temp, NEW, OWN)) {
      ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
      while (bytes.hasRemaining()) {
        out.write(bytes);
      }
      out.force(true);
      keepOwner(Files.exists(file) ? file : folder, temp);
      Files.move(temp, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(temp);
    }
  }

  static void keepOwner(Path of, Path file) {
    try {
      UserPrincipal owner = Files.getOwner(of);
      if (!owner.equals(Files.getOwner(file, LinkOption.NOFOLLOW_LINKS))) {
        view(file).setOwner(owner);
      }
    } catch (IOException e) {
      // only root may give files away; whoever writes it can read it
    }
  }

  private static FileOwnerAttributeView view(Path file) {
    return Files.getFileAttributeView(
        file, FileOwnerAttributeView.class, LinkOption.NOFOLLOW_LINKS);
  }
}
