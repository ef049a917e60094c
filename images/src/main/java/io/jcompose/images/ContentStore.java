package io.jcompose.images;

import io.jcompose.core.Digest;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.StateFile;
import io.jcompose.images.layer.NativeSha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Optional;

/**
 * Blobs by digest, {@code blobs/<algorithm>/<hex>} as in an OCI image layout, and unfinished ones
 * in {@code ingest/}. A blob under its final name has been verified. Thread-safe for different
 * digests.
 */
final class ContentStore {
  private final Path root;

  ContentStore(Path imagesDir) {
    this.root = imagesDir;
  }

  Path blob(Digest digest) {
    return root.resolve("blobs").resolve(digest.algorithm()).resolve(digest.hex());
  }

  /** Where a blob is gathered until it is whole; what is there goes on being used. */
  Path ingest(Digest digest) {
    return root.resolve("ingest").resolve(digest.algorithm() + "-" + digest.hex());
  }

  /** True when the blob is there in its full size. */
  boolean has(Digest digest, long sizeBytes) {
    try {
      return Files.size(blob(digest)) == sizeBytes;
    } catch (IOException e) {
      return false;
    }
  }

  /** A small document; empty when it is not there; set aside when it is not what it was. */
  Optional<byte[]> read(Digest digest) {
    return StateFile.load(
        blob(digest),
        content -> {
          if (!matches(digest, content)) {
            throw new JcomposeException.Corrupt("it does not match its digest");
          }
          return content;
        },
        "a pull of the image brings it back");
  }

  /** Keeps a small document; Corrupt when it does not match its digest. */
  void write(Digest digest, byte[] content) throws IOException {
    if (!matches(digest, content)) {
      throw new JcomposeException.Corrupt("content does not match its digest " + digest);
    }
    Path file = ingest(digest);
    Files.write(file, content);
    publish(digest);
  }

  /** Moves a verified ingest file to its final name. */
  void publish(Digest digest) throws IOException {
    Files.createDirectories(blob(digest).resolveSibling("."));
    if (Files.isDirectory(blob(digest))) {
      StateFile.setAside(blob(digest), "it is a directory");
    }
    Files.move(ingest(digest), blob(digest), StandardCopyOption.ATOMIC_MOVE);
  }

  /** Forgets what was gathered of a blob, because it is wrong. */
  void discardIngest(Digest digest) throws IOException {
    Files.deleteIfExists(ingest(digest));
  }

  /** Removes a blob and returns its size; 0 when it is gone already. */
  long remove(Digest digest) {
    try {
      long size = Files.size(blob(digest));
      Files.delete(blob(digest));
      return size;
    } catch (NoSuchFileException e) {
      return 0;
    } catch (IOException e) {
      throw new UncheckedIOException("failed to remove " + blob(digest), e);
    }
  }

  /** The digest that a document is kept under. */
  static Digest digestOf(byte[] document) {
    return Digest.sha256(NativeSha256.create().digest(document));
  }

  static MessageDigest hash(Digest digest) {
    if (digest.algorithm().equals("sha256")) {
      return NativeSha256.create();
    }
    try {
      return MessageDigest.getInstance("SHA-512");
    } catch (NoSuchAlgorithmException e) {
      throw new JcomposeException.Internal("no SHA-512 in this JDK", e);
    }
  }

  private static boolean matches(Digest digest, byte[] content) {
    byte[] actual = hash(digest).digest(content);
    return java.util.HexFormat.of().formatHex(actual).equals(digest.hex());
  }
}
