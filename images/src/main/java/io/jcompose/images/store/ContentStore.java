package io.jcompose.images.store;

import io.jcompose.core.Digest;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.file.StateFile;
import io.jcompose.images.oci.MemoryBudget;
import io.jcompose.linux.library.NativeSha256;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

/**
 * Blobs by digest, {@code blobs/<algorithm>/<hex>} as in an OCI image layout, and unfinished ones
 * in {@code ingest/}. A blob under its final name has been verified, as far as no power cut has
 * come between. Thread-safe, but for the ingest file of a registry's digest, which one {@code
 * pull.BlobStream} at a time has.
 */
public final class ContentStore {
  private static final int CHUNK = 1 << 16;
  private static final String SCRATCH = ".new-";
  private static final String PASSING = ".passing-";
  private static final int FROM = 12; // digits that tell registries apart

  private final Path root;
  private final MemoryBudget budget;
  private final AtomicLong counter = new AtomicLong(System.currentTimeMillis());
  private final Set<String> scratches = ConcurrentHashMap.newKeySet();

  public ContentStore(Path imagesDir, MemoryBudget budget) {
    this.root = imagesDir;
    this.budget = budget;
  }

  public Path blob(Digest digest) {
    return root.resolve("blobs").resolve(digest.algorithm()).resolve(digest.hex());
  }

  /**
   * Where a blob is gathered until it is whole; what is there goes on being used. Each registry has
   * a place of its own: it must neither wait for another nor use what that one sent.
   */
  public Path ingest(Digest digest, String registry) {
    String from = digestOf(registry.getBytes(StandardCharsets.UTF_8)).hex().substring(0, FROM);
    return root.resolve("ingest").resolve(digest.algorithm() + "-" + digest.hex() + "-" + from);
  }

  /** True when the blob is there in its full size. */
  public boolean has(Digest digest, long sizeBytes) {
    try {
      return Files.size(blob(digest)) == sizeBytes;
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * What a small document says; empty when it is not there, or is so large that it is a layer; set
   * aside when it is not what it was. One large document at a time is in memory.
   */
  public <T> Optional<T> load(Digest digest, Function<byte[], T> parse) {
    long size = size(digest);
    if (size < 0 || size > MemoryBudget.DOCUMENT_LIMIT) {
      return Optional.empty();
    }
    try (MemoryBudget.Share _ = budget.document(size)) {
      return read(digest).map(parse);
    }
  }

  /** The size of a blob in bytes; -1 when it is not there. */
  public long size(Digest digest) {
    try {
      return Files.isRegularFile(blob(digest)) ? Files.size(blob(digest)) : -1;
    } catch (IOException e) {
      return -1;
    }
  }

  private Optional<byte[]> read(Digest digest) {
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
  public void write(Digest digest, byte[] content) throws IOException {
    if (!matches(digest, content)) {
      throw new JcomposeException.Corrupt("content does not match its digest " + digest);
    }
    try (Scratch scratch = scratch()) {
      Files.write(scratch.file(), content);
      scratch.publish(digest);
    }
  }

  /** A file of one writer's own, which no sweep takes while it is used. */
  public Scratch scratch() {
    Scratch scratch = new Scratch(root.resolve("ingest/" + SCRATCH + counter.incrementAndGet()));
    scratches.add(scratch.name());
    return scratch;
  }

  /** True for the name of a file of one writer's own. */
  public static boolean isScratch(String name) {
    return name.startsWith(SCRATCH);
  }

  /** True for the name of a file that is being written. */
  public boolean isScratchInUse(String name) {
    return scratches.contains(name);
  }

  /** A file in the making; removed at the close unless it was published. */
  public final class Scratch implements AutoCloseable {
    private final Path file;

    private Scratch(Path file) {
      this.file = file;
    }

    public Path file() {
      return file;
    }

    private String name() {
      return String.valueOf(file.getFileName());
    }

    /** Gives it its name as a blob; the caller has verified it. */
    public void publish(Digest digest) throws IOException {
      ContentStore.this.publish(file, digest);
    }

    @Override
    public void close() throws IOException {
      try {
        Files.deleteIfExists(file);
      } finally {
        scratches.remove(name());
      }
    }
  }

  /** Moves a verified file to its final name. */
  public void publish(Path file, Digest digest) throws IOException {
    Files.createDirectories(blob(digest).resolveSibling("."));
    if (Files.isDirectory(blob(digest))) {
      StateFile.setAside(blob(digest), "it is a directory");
    }
    Files.move(file, blob(digest), StandardCopyOption.ATOMIC_MOVE);
  }

  /** Removes a blob whose content is not what its name says; true when it did. */
  public boolean removeIfWrong(Digest digest) throws IOException {
    MessageDigest hash = hash(digest);
    try (InputStream in = Files.newInputStream(blob(digest))) {
      byte[] chunk = new byte[CHUNK];
      for (int count = in.read(chunk); count >= 0; count = in.read(chunk)) {
        hash.update(chunk, 0, count);
      }
    } catch (NoSuchFileException e) {
      return true;
    }
    boolean wrong = !HexFormat.of().formatHex(hash.digest()).equals(digest.hex());
    return wrong && Files.deleteIfExists(blob(digest));
  }

  /**
   * Has a blob, of SHA-256, taken away by the next start, if this process does not live so long.
   */
  void mark(Digest digest) {
    try {
      Files.write(root.resolve("ingest/" + PASSING + digest.hex()), new byte[0]);
    } catch (IOException e) {
      throw new UncheckedIOException("failed to mark " + digest, e);
    }
  }

  /** Undoes {@link #mark}. */
  void unmark(Digest digest) {
    try {
      Files.deleteIfExists(root.resolve("ingest/" + PASSING + digest.hex()));
    } catch (IOException e) {
      throw new UncheckedIOException("failed to forget the mark of " + digest, e);
    }
  }

  /** Removes the blobs that an earlier process marked and did not come to remove. */
  void removeMarked() {
    try (DirectoryStream<Path> all =
        Files.newDirectoryStream(root.resolve("ingest"), PASSING + "*")) {
      for (Path mark : all) {
        String hex = String.valueOf(mark.getFileName()).substring(PASSING.length());
        if (hex.matches("[0-9a-f]{64}")) {
          Digest blob = Digest.sha256(HexFormat.of().parseHex(hex));
          long _ = remove(blob);
          unmark(blob);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("failed to look through " + root.resolve("ingest"), e);
    }
  }

  /** Forgets what was gathered of a blob, because it is wrong. */
  public void discardIngest(Digest digest, String registry) throws IOException {
    Files.deleteIfExists(ingest(digest, registry));
  }

  /** Removes a blob and returns its size; 0 when it is gone already. */
  public long remove(Digest digest) {
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
  public static Digest digestOf(byte[] document) {
    return Digest.sha256(NativeSha256.create().digest(document));
  }

  public static MessageDigest hash(Digest digest) {
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
    return HexFormat.of().formatHex(actual).equals(digest.hex());
  }
}
