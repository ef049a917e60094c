package io.jcompose.images.store;

import com.github.luben.zstd.ZstdOutputStream;
import io.jcompose.core.Digest;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.build.Packing;
import io.jcompose.images.archive.TarWriter;
import io.jcompose.linux.library.NativeSha256;
import java.io.BufferedOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.function.Consumer;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/** Packs a layer's tar into a blob of the content store. Stateless. */
public final class LayerPacker {
  private static final int CHUNK = 1 << 16;
  private static final int ZSTD_LEVEL = 3;

  private LayerPacker() {}

  private static OutputStream open(Packing packing, OutputStream out) throws IOException {
    boolean usual = packing.level() == Packing.USUAL_LEVEL;
    return switch (packing.compression()) {
      case GZIP -> new LevelGzip(out, usual ? Deflater.BEST_SPEED : packing.level());
      case ZSTD -> new ZstdOutputStream(out, usual ? ZSTD_LEVEL : packing.level());
      case UNCOMPRESSED -> out;
    };
  }

  /**
   * A layer that came as a plain tar, packed in the store.
   *
   * @param blob digest of what is in the store
   */
  public record Layer(Digest diffId, Digest blob, long sizeBytes) {}

  /** A blob that is in the store. */
  record Packed(Digest digest, long sizeBytes) {}

  /** Writes the layer. */
  interface Source {
    /** Writes all entries; returns the digest that the tar must have. */
    Digest write(TarWriter tar) throws IOException;
  }

  /**
   * Packs a layer, on the disk for sure.
   *
   * @param lease takes the blob's name
   * @throws JcomposeException.Corrupt when the tar has another digest than the source says
   * @throws JcomposeException.Cancelled when interrupted
   */
  static Packed pack(ContentStore content, Removal.Lease lease, Packing packing, Source source)
      throws IOException {
    try (ContentStore.Scratch scratch = content.scratch()) {
      MessageDigest packed = NativeSha256.create();
      MessageDigest plain = NativeSha256.create();
      Digest wanted;
      try (OutputStream out =
              new DigestOutputStream(Files.newOutputStream(scratch.file()), packed);
          OutputStream compressed = open(packing, out);
          OutputStream hashed = new Interruptible(new DigestOutputStream(compressed, plain));
          OutputStream tar = new BufferedOutputStream(hashed, CHUNK)) {
        TarWriter writer = new TarWriter(tar);
        wanted = source.write(writer);
        writer.finish();
      }
      Digest actual = Digest.sha256(plain.digest());
      if (!actual.equals(wanted)) {
        throw new JcomposeException.Corrupt(
            "layer %s cannot be packed: its files give %s; where the image was pulled or built, do that again"
                .formatted(wanted, actual));
      }
      try (FileChannel file = FileChannel.open(scratch.file(), StandardOpenOption.WRITE)) {
        file.force(true);
      }
      Digest blob = Digest.sha256(packed.digest());
      long size = Files.size(scratch.file());
      lease.add(blob);
      scratch.publish(blob);
      return new Packed(blob, size);
    }
  }

  /**
   * Packs a plain tar as it comes.
   *
   * @param lease takes the blob's name
   * @param made told of the blob when it was not there before
   */
  public static Layer pack(
      ContentStore content, Removal.Lease lease, InputStream tar, Consumer<Digest> made)
      throws IOException {
    return pack(content, lease, Packing.DEFAULT, tar, made);
  }

  /** The same, compressed in another way. */
  static Layer pack(
      ContentStore content,
      Removal.Lease lease,
      Packing packing,
      InputStream tar,
      Consumer<Digest> made)
      throws IOException {
    try (ContentStore.Scratch scratch = content.scratch()) {
      MessageDigest packed = NativeSha256.create();
      MessageDigest plain = NativeSha256.create();
      try (OutputStream out =
              new DigestOutputStream(Files.newOutputStream(scratch.file()), packed);
          OutputStream compressed = open(packing, out);
          OutputStream hashed = new Interruptible(new DigestOutputStream(compressed, plain))) {
        byte[] chunk = new byte[CHUNK];
        for (int n = tar.readNBytes(chunk, 0, CHUNK); n > 0; n = tar.readNBytes(chunk, 0, CHUNK)) {
          hashed.write(chunk, 0, n);
        }
      }
      Digest blob = Digest.sha256(packed.digest());
      long size = Files.size(scratch.file());
      lease.add(blob);
      if (content.size(blob) < 0) {
        made.accept(blob);
      }
      scratch.publish(blob);
      return new Layer(Digest.sha256(plain.digest()), blob, size);
    }
  }

  /** A layer may have any amount. */
  private static final class Interruptible extends FilterOutputStream {
    Interruptible(OutputStream out) {
      super(out);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      if (Thread.currentThread().isInterrupted()) {
        throw new JcomposeException.Cancelled("packing a layer was given up");
      }
      out.write(bytes, offset, length);
    }
  }

  /** By default the fastest level: a third of the time for a few percent more bytes. */
  private static final class LevelGzip extends GZIPOutputStream {
    LevelGzip(OutputStream out, int level) throws IOException {
      super(out, CHUNK);
      def.setLevel(level);
    }
  }
}
