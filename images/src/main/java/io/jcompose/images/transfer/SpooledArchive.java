package io.jcompose.images.transfer;

import io.jcompose.core.Digest;
import io.jcompose.core.JcomposeException;
import io.jcompose.images.oci.MemoryBudget;
import io.jcompose.images.store.ContentStore;
import io.jcompose.images.store.LayerPacker;
import io.jcompose.images.store.Removal;
import io.jcompose.linux.library.NativeSha256;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/**
 * The files of an archive that is read once, from beginning to end: those that an image may have
 * are blobs of the content store then, named by what they are, and no path of the archive is ever
 * one of this host. What no image has got is removed by the close. Confined to one thread.
 */
final class SpooledArchive implements AutoCloseable {
  private static final int ENTRIES = 1 << 14;
  private static final int NAME = 4096;
  private static final int LINKS = 8;
  private static final int HEADERS = 1 << 20; // bytes of one entry's names and attributes
  private static final int BLOCK = 512;

  private final ContentStore content;
  private final Removal removal;
  private final Removal.Lease lease;
  private final Map<String, File> files = new HashMap<>();
  private final Map<String, String> links = new HashMap<>();
  private final List<Digest> made = new ArrayList<>();

  private SpooledArchive(ContentStore content, Removal removal) {
    this.content = content;
    this.removal = removal;
    this.lease = removal.lease();
  }

  /**
   * A file.
   *
   * @param plain digest of its bytes
   * @param blob digest of what is in the content store: the same, or a plain tar packed
   * @param sizeBytes of the blob
   */
  record File(Digest plain, Digest blob, long sizeBytes) {
    boolean isPacked() {
      return !plain.equals(blob);
    }
  }

  /**
   * Reads all of an archive.
   *
   * @param in plain tar
   * @throws JcomposeException.Corrupt for what is no tar archive, or beyond its limits
   */
  static SpooledArchive read(InputStream in, ContentStore content, Removal removal)
      throws IOException {
    SpooledArchive archive = new SpooledArchive(content, removal);
    boolean done = false;
    try {
      archive.readAll(in);
      done = true;
      return archive;
    } finally {
      if (!done) {
        archive.close();
      }
    }
  }

  private void readAll(InputStream in) throws IOException {
    Metered metered = new Metered(in);
    // Names are bytes: what no charset changes comes back as it was.
    try (TarArchiveInputStream tar =
        new TarArchiveInputStream(metered, StandardCharsets.ISO_8859_1.name())) {
      int count = 0;
      for (TarArchiveEntry entry = next(tar, metered); entry != null; entry = next(tar, metered)) {
        if (++count > ENTRIES || entry.getName().length() > NAME) {
          throw new JcomposeException.Corrupt(
              "the archive has more than %d entries, or a name of more than %d bytes"
                  .formatted(ENTRIES, NAME));
        }
        metered.allow(Long.MAX_VALUE);
        take(entry, tar);
      }
    }
  }

  private static TarArchiveEntry next(TarArchiveInputStream tar, Metered metered)
      throws IOException {
    metered.allow(HEADERS);
    try {
      return tar.getNextEntry();
    } catch (IllegalArgumentException e) { // a number that is none
      throw new IOException("invalid header: " + e.getMessage(), e);
    }
  }

  private void take(TarArchiveEntry entry, InputStream data) throws IOException {
    String name = normal("", entry.getName());
    if (entry.isSymbolicLink()) {
      int slash = name.lastIndexOf('/');
      links.put(name, normal(slash < 0 ? "" : name.substring(0, slash), entry.getLinkName()));
    } else if (entry.isLink()) {
      links.put(name, normal("", entry.getLinkName()));
    } else if (entry.isFile()) {
      byte[] start = data.readNBytes(BLOCK);
      InputStream whole = new SequenceInputStream(new ByteArrayInputStream(start), shared(data));
      if (isTar(start)) {
        LayerPacker.Layer layer = LayerPacker.pack(content, lease, whole, made::add);
        files.put(name, new File(layer.diffId(), layer.blob(), layer.sizeBytes()));
      } else if (start.length > 0 && isWanted(start, entry.getSize())) {
        files.put(name, keep(whole));
      }
    }
    data.transferTo(OutputStream.nullOutputStream());
  }

  /** Not closed with the entry: the archive goes on. */
  private static InputStream shared(InputStream data) {
    return new FilterInputStream(data) {
      @Override
      public void close() {}
    };
  }

  private static boolean isTar(byte[] start) {
    boolean empty = start.length == BLOCK;
    for (byte one : start) {
      empty &= one == 0;
    }
    return empty
        || (start.length == BLOCK
            && new String(start, 257, 5, StandardCharsets.ISO_8859_1).equals("ustar"));
  }

  /** Documents and packed layers; nothing else that is large is part of an image. */
  private static boolean isWanted(byte[] start, long sizeBytes) {
    boolean gzip = start.length > 1 && start[0] == 0x1f && start[1] == (byte) 0x8b;
    boolean zstd = start.length > 3 && start[1] == (byte) 0xb5 && start[2] == 0x2f;
    boolean frame = start.length > 3 && start[1] == 0x2a && start[2] == 0x4d;
    return gzip || zstd || frame || sizeBytes <= MemoryBudget.DOCUMENT_LIMIT;
  }

  private File keep(InputStream in) throws IOException {
    try (ContentStore.Scratch scratch = content.scratch()) {
      MessageDigest hash = NativeSha256.create();
      long size;
      try (OutputStream out = new DigestOutputStream(Files.newOutputStream(scratch.file()), hash)) {
        size = in.transferTo(out);
      }
      Digest digest = Digest.sha256(hash.digest());
      lease.add(digest);
      if (content.size(digest) < 0) {
        made.add(digest);
      }
      scratch.publish(digest);
      return new File(digest, digest, size);
    }
  }

  /** The file of a name, through links; empty when there is none. */
  Optional<File> file(String name) {
    String at = normal("", name);
    for (int hops = 0; hops < LINKS && links.containsKey(at) && !files.containsKey(at); hops++) {
      at = links.getOrDefault(at, "");
    }
    return Optional.ofNullable(files.get(at));
  }

  /**
   * A blob of an OCI image layout.
   *
   * @throws JcomposeException.Corrupt when it is another one than its name says
   */
  Optional<File> blob(Digest digest) {
    Optional<File> file = file("blobs/" + digest.algorithm() + "/" + digest.hex());
    file.ifPresent(
        found -> {
          if (digest.algorithm().equals("sha256") && !found.plain.equals(digest)) {
            throw new JcomposeException.Corrupt(
                "blob %s of the archive does not match its digest: it is %s"
                    .formatted(digest, found.plain));
          }
        });
    return file;
  }

  /** What a small file says; empty when there is none of that name. */
  <T> Optional<T> document(String name, Function<byte[], T> parse) {
    return file(name).flatMap(file -> content.load(file.blob, parse));
  }

  /** A further blob, to be removed by the close unless an image has it. */
  void add(Digest blob) {
    made.add(blob);
  }

  @Override
  public void close() {
    lease.close();
    removal.removeUnowned(made);
  }

  /** A path of the archive without {@code .} and {@code ..}. */
  private static String normal(String folder, String path) {
    Deque<String> parts = new ArrayDeque<>();
    for (String part : (path.startsWith("/") ? path : folder + "/" + path).split("/")) {
      if (part.equals("..")) {
        parts.pollLast();
      } else if (!part.isEmpty() && !part.equals(".")) {
        parts.addLast(part);
      }
    }
    return String.join("/", parts);
  }

  /** Limits what is read for one header: its names are all in memory. */
  private static final class Metered extends FilterInputStream {
    private long allowed = HEADERS;

    Metered(InputStream in) {
      super(in);
    }

    void allow(long bytes) {
      allowed = bytes;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      if (Thread.currentThread().isInterrupted()) {
        throw new JcomposeException.Cancelled("reading an archive was given up");
      }
      if (allowed <= 0) {
        throw new JcomposeException.Corrupt(
            "the archive has an entry with more than " + HEADERS + " bytes of headers");
      }
      int count = in.read(target, offset, (int) Math.min(length, allowed));
      allowed -= Math.max(0, count);
      return count;
    }
  }
}
