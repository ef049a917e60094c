package io.jcompose.images.layer;

import io.jcompose.core.JcomposeException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Where Jazzer enters with a layer, as it comes from a registry, plain or compressed. {@code
 * scripts/fuzz tar} runs it. Whatever is thrown but a refusal is a finding, as are two seconds of
 * processor time, data that lies outside its file, and a path that leads out of the layer.
 */
public final class TarFuzz {
  private static final long MOST_CPU_NANOS = 2_000_000_000L;
  private static final long MOST_BYTES = 64 << 20;
  private static final int BLOCK = 512;
  private static final byte[] MAGIC = "ustar".getBytes(StandardCharsets.US_ASCII);
  private static final int MAGIC_AT = 257;
  private static final int SUM_AT = 148;

  private TarFuzz() {}

  /** Jazzer's name for it; what it throws is a finding. */
  public static void fuzzerTestOneInput(byte[] input) {
    long before = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    read(withSums(input.clone()));
    long spent = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - before;
    if (spent > MOST_CPU_NANOS) {
      throw new IllegalStateException("took " + spent / 1_000_000 + " ms of processor time");
    }
  }

  /** Reads all entries and their data; returns their number. */
  static int read(byte[] input) {
    int entries = 0;
    try (var plain = new Decompressor().open(new ByteArrayInputStream(input))) {
      TarReader tar = new TarReader(plain);
      byte[] buffer = new byte[1 << 16];
      long all = 0;
      for (TarEntry entry = tar.next(); entry != null; entry = tar.next()) {
        entries++;
        for (String part : LayerPaths.clean(entry.name())) {
          if (part.isEmpty() || part.equals("..") || part.indexOf('/') >= 0) {
            throw new IllegalStateException("a path out of the layer: " + entry.name());
          }
        }
        long end = 0;
        while (all < MOST_BYTES) {
          long before = tar.offset();
          int count = tar.read(buffer, 0, buffer.length);
          if (count < 0) {
            break;
          }
          all += count;
          if (before < end || before + count > entry.sizeBytes()) {
            throw new IllegalStateException("data outside of its file: " + before + " of " + entry);
          }
          end = before + count;
        }
        if (all >= MOST_BYTES) {
          return entries; // what a layer may unpack to is the unpacker's to bound
        }
      }
    } catch (JcomposeException | IOException e) {
      return entries; // refused
    }
    return entries;
  }

  /** Each block that looks like a header gets the right checksum, which no fuzzer finds. */
  static byte[] withSums(byte[] tar) {
    for (int at = 0; at + BLOCK <= tar.length; at += BLOCK) {
      if (Arrays.equals(tar, at + MAGIC_AT, at + MAGIC_AT + MAGIC.length, MAGIC, 0, MAGIC.length)) {
        int sum = 0;
        for (int i = 0; i < BLOCK; i++) {
          sum += i >= SUM_AT && i < SUM_AT + 8 ? ' ' : tar[at + i] & 0xff;
        }
        byte[] text = String.format("%06o\0 ", sum).getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(text, 0, tar, at + SUM_AT, text.length);
      }
    }
    return tar;
  }
}
