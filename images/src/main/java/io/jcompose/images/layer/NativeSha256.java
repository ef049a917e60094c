package io.jcompose.images.layer;

import io.jcompose.core.JcomposeException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.List;
import jnr.ffi.LibraryLoader;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * SHA-256 by OpenSSL's libcrypto where the machine has it, else the JDK's. The JDK uses the
 * processor's SHA instructions only in code compiled by C2, which the engine's JVM does without:
 * there libcrypto is about eight times faster. Confined to one thread.
 */
public final class NativeSha256 extends MessageDigest {
  private static final Logger LOG = LoggerFactory.getLogger(NativeSha256.class);
  private static final int CONTEXT_SIZE = 256;
  private static final int BUFFER = 1 << 17;
  private static final int DIGEST_SIZE = 32;
  private static final @Nullable Crypto CRYPTO = load();

  private final Crypto crypto;
  private final MemorySegment context;
  private final MemorySegment buffer;
  private int pending;

  /** Functions of openssl/sha.h. */
  @SuppressWarnings("MethodName")
  public interface Crypto {
    int SHA256_Init(long context);

    int SHA256_Update(long context, long data, long length);

    int SHA256_Final(long digest, long context);
  }

  private NativeSha256(Crypto crypto) {
    super("SHA-256");
    this.crypto = crypto;
    Arena arena = Arena.ofAuto();
    this.context = arena.allocate(CONTEXT_SIZE, 16);
    this.buffer = arena.allocate(BUFFER, 16);
    crypto.SHA256_Init(context.address());
  }

  /** The fastest SHA-256 that there is here. */
  public static MessageDigest create() {
    return CRYPTO == null ? ofJdk() : new NativeSha256(CRYPTO);
  }

  @Override
  protected void engineUpdate(byte input) {
    engineUpdate(new byte[] {input}, 0, 1);
  }

  @Override
  protected void engineUpdate(byte[] input, int offset, int length) {
    int done = 0;
    while (done < length) {
      int count = Math.min(length - done, BUFFER - pending);
      MemorySegment.copy(input, offset + done, buffer, ValueLayout.JAVA_BYTE, pending, count);
      pending += count;
      done += count;
      if (pending == BUFFER) {
        flush();
      }
    }
  }

  @Override
  protected byte[] engineDigest() {
    flush();
    crypto.SHA256_Final(buffer.address(), context.address());
    byte[] digest = buffer.asSlice(0, DIGEST_SIZE).toArray(ValueLayout.JAVA_BYTE);
    engineReset();
    return digest;
  }

  @Override
  protected void engineReset() {
    pending = 0;
    crypto.SHA256_Init(context.address());
  }

  private void flush() {
    crypto.SHA256_Update(context.address(), buffer.address(), pending);
    pending = 0;
  }

  private static MessageDigest ofJdk() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new JcomposeException.Internal("no SHA-256 in this JDK", e);
    }
  }

  private static @Nullable Crypto load() {
    byte[] text = "abc".getBytes(StandardCharsets.US_ASCII);
    for (String name : List.of("libcrypto.so.3", "libcrypto.so.1.1")) {
      try {
        Crypto crypto = LibraryLoader.create(Crypto.class).failImmediately().load(name);
        if (Arrays.equals(new NativeSha256(crypto).digest(text), ofJdk().digest(text))) {
          return crypto;
        }
      } catch (RuntimeException | LinkageError e) {
        LOG.debug("no {}: {}", name, e.toString());
      }
    }
    return null;
  }
}
