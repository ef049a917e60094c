package io.jcompose.linux.library;

import io.jcompose.core.JcomposeException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.List;
import jnr.ffi.LibraryLoader;
import jnr.ffi.annotations.Out;
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
  private static final int FIRST_BUFFER = 1 << 12; // most texts are short, and there are many
  private static final int DIGEST_SIZE = 32;
  private static final @Nullable Crypto CRYPTO = load();

  private final Crypto crypto;
  private final ByteBuffer context = ByteBuffer.allocateDirect(CONTEXT_SIZE);
  private ByteBuffer buffer = ByteBuffer.allocateDirect(FIRST_BUFFER);
  private int pending;

  /** Functions of openssl/sha.h. */
  @SuppressWarnings("MethodName")
  public interface Crypto {
    int SHA256_Init(ByteBuffer context);

    int SHA256_Update(ByteBuffer context, ByteBuffer data, long length);

    int SHA256_Final(@Out byte[] digest, ByteBuffer context);
  }

  private NativeSha256(Crypto crypto) {
    super("SHA-256");
    this.crypto = crypto;
    crypto.SHA256_Init(context);
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
      if (length - done > buffer.capacity() - pending && buffer.capacity() < BUFFER) {
        buffer = ByteBuffer.allocateDirect(BUFFER).put(0, buffer, 0, pending);
      }
      int count = Math.min(length - done, buffer.capacity() - pending);
      buffer.put(pending, input, offset + done, count);
      pending += count;
      done += count;
      if (pending == buffer.capacity()) {
        flush();
      }
    }
  }

  @Override
  protected byte[] engineDigest() {
    flush();
    byte[] digest = new byte[DIGEST_SIZE];
    crypto.SHA256_Final(digest, context);
    engineReset();
    return digest;
  }

  @Override
  protected void engineReset() {
    pending = 0;
    crypto.SHA256_Init(context);
  }

  private void flush() {
    crypto.SHA256_Update(context, buffer, pending);
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
