package io.jcompose.linux.library;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.Function;
import java.util.zip.GZIPOutputStream;
import jnr.ffi.LibraryLoader;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Inflates gzip with Intel's ISA-L where the machine has it (libisal.so.2): more than twice as fast
 * as zlib. The library's struct is that of igzip_lib.h 2.30; a trial at loading makes sure that it
 * fits, else {@link #isAvailable} says no. Confined to one thread.
 *
 * <p>The library keeps pointers from call to call, and a stream's half megabyte is to go with the
 * stream: jnr gives its memory back only when the garbage collector finds it, an arena at a moment,
 * and looks at each access's bounds.
 */
public final class IsalGzipInput extends InputStream {
  private static final Logger LOG = LoggerFactory.getLogger(IsalGzipInput.class);

  private static final int STATE_SIZE = 1 << 18;
  private static final int IN_SIZE = 1 << 16;
  private static final int OUT_SIZE = 1 << 17;
  private static final int NEXT_OUT = 0;
  private static final int AVAIL_OUT = 8;
  private static final int NEXT_IN = 16;
  private static final int AVAIL_IN = 32;
  private static final int BLOCK_STATE = 21160;
  private static final int CRC_FLAG = 21172;
  private static final int BLOCK_FINISH = 5;
  private static final int GZIP = 1;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  private static final byte[] NO_BYTES = {};

  private static final @Nullable Isal ISAL = load();

  private final Isal isal;
  private final InputStream in;
  private final Function<String, RuntimeException> corrupt;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment state = arena.allocate(STATE_SIZE, 64);
  private final MemorySegment input = arena.allocate(IN_SIZE);
  private final MemorySegment output = arena.allocate(OUT_SIZE);
  private final byte[] buffer = new byte[IN_SIZE];
  private int ready;
  private int taken;
  private boolean inMember;
  private boolean ended;

  /** Functions of igzip_lib.h. */
  @SuppressWarnings("MethodName")
  public interface Isal {
    void isal_inflate_init(long state);

    void isal_inflate_reset(long state);

    int isal_inflate(long state);
  }

  /**
   * Only where {@link #isAvailable}; closing it closes {@code in}.
   *
   * @param corrupt what is thrown for a stream that is no gzip, by what it has
   */
  public IsalGzipInput(InputStream in, Function<String, RuntimeException> corrupt) {
    this(in, corrupt, Objects.requireNonNull(ISAL));
  }

  private IsalGzipInput(InputStream in, Function<String, RuntimeException> corrupt, Isal isal) {
    this.in = in;
    this.corrupt = corrupt;
    this.isal = isal;
    isal.isal_inflate_init(state.address());
    state.set(INT, CRC_FLAG, GZIP);
    state.set(LONG, NEXT_IN, input.address());
    state.set(INT, AVAIL_IN, 0);
    inMember = true;
  }

  /** True where the machine has the library, and it is as this class knows it. */
  public static boolean isAvailable() {
    return ISAL != null;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    while (length > 0 && taken == ready) {
      if (ended) {
        return -1;
      }
      inflate();
    }
    int count = Math.min(length, ready - taken);
    MemorySegment.copy(output, ValueLayout.JAVA_BYTE, taken, target, offset, count);
    taken += count;
    return count;
  }

  @Override
  public void close() throws IOException {
    if (arena.scope().isAlive()) {
      arena.close();
    }
    in.close();
  }

  private void inflate() throws IOException {
    if (state.get(INT, AVAIL_IN) == 0 && !fill()) {
      if (inMember && state.get(INT, BLOCK_STATE) < BLOCK_FINISH - 1) {
        throw corrupt.apply("an unexpected end");
      }
      ended = !inMember;
    }
    if (!inMember && !ended) {
      beginMember();
    }
    state.set(LONG, NEXT_OUT, output.address());
    state.set(INT, AVAIL_OUT, OUT_SIZE);
    taken = 0;
    ready = 0;
    if (ended) {
      return;
    }
    int before = state.get(INT, AVAIL_IN);
    int result = isal.isal_inflate(state.address());
    if (result < 0) {
      throw corrupt.apply("an error (ISA-L " + result + ")");
    }
    ready = OUT_SIZE - state.get(INT, AVAIL_OUT);
    if (state.get(INT, BLOCK_STATE) == BLOCK_FINISH) {
      inMember = false;
    } else if (ready == 0 && before == 0) {
      throw corrupt.apply("an unexpected end");
    }
  }

  private void beginMember() {
    long next = state.get(LONG, NEXT_IN) - input.address();
    if (input.get(ValueLayout.JAVA_BYTE, next) == 0) {
      state.set(INT, AVAIL_IN, 0);
      ended = false;
      return;
    }
    int available = state.get(INT, AVAIL_IN);
    isal.isal_inflate_reset(state.address());
    state.set(INT, CRC_FLAG, GZIP);
    state.set(LONG, NEXT_IN, input.address() + next);
    state.set(INT, AVAIL_IN, available);
    inMember = true;
  }

  private boolean fill() throws IOException {
    int count = in.read(buffer, 0, IN_SIZE);
    if (count <= 0) {
      return false;
    }
    MemorySegment.copy(buffer, 0, input, ValueLayout.JAVA_BYTE, 0, count);
    state.set(LONG, NEXT_IN, input.address());
    state.set(INT, AVAIL_IN, count);
    return true;
  }

  private static @Nullable Isal load() {
    if (!System.getProperty("os.arch").equals("amd64") || Boolean.getBoolean("jcompose.noisal")) {
      return null;
    }
    try {
      Isal isal = LibraryLoader.create(Isal.class).failImmediately().load("libisal.so.2");
      byte[] text = "jcompose ".repeat(1000).getBytes(StandardCharsets.US_ASCII);
      ByteArrayOutputStream packed = new ByteArrayOutputStream();
      for (int member = 0; member < 2; member++) {
        try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
          out.write(text);
        }
      }
      byte[] unpacked = NO_BYTES;
      try (IsalGzipInput trial =
          new IsalGzipInput(
              new ByteArrayInputStream(packed.toByteArray()), IllegalStateException::new, isal)) {
        unpacked = trial.readNBytes(3 * text.length);
      }
      boolean fits =
          unpacked.length == 2 * text.length
              && Arrays.equals(text, Arrays.copyOf(unpacked, text.length));
      LOG.debug("ISA-L inflates layers: {}", fits);
      return fits ? isal : null;
    } catch (IOException | RuntimeException | LinkageError e) {
      LOG.debug("no ISA-L, zlib inflates layers: {}", e.toString());
      return null;
    }
  }
}
