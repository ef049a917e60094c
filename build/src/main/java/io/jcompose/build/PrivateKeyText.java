package io.jcompose.build;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * The text of a private key, as OpenSSH (its PROTOCOL.key) and PEM (RFC 1421, RFC 7468) write it.
 */
final class PrivateKeyText {
  private static final String BEGIN = "-----BEGIN OPENSSH PRIVATE KEY-----";
  private static final byte[] MAGIC = "openssh-key-v1\0".getBytes(StandardCharsets.US_ASCII);

  private PrivateKeyText() {}

  /** Whether a passphrase is needed for it; false for what is no key. */
  static boolean isEncrypted(String text) {
    int begin = text.indexOf(BEGIN);
    if (begin < 0) {
      return text.contains("-----BEGIN ENCRYPTED PRIVATE KEY-----")
          || text.contains("Proc-Type: 4,ENCRYPTED");
    }
    int end = text.indexOf("-----END", begin);
    String body = text.substring(begin + BEGIN.length(), end < 0 ? text.length() : end);
    try {
      ByteBuffer key = ByteBuffer.wrap(Base64.getMimeDecoder().decode(body));
      byte[] magic = new byte[MAGIC.length];
      key.get(magic);
      byte[] cipher = new byte[Math.min(key.getInt(), key.remaining())];
      key.get(cipher);
      return !new String(cipher, StandardCharsets.US_ASCII).equals("none");
    } catch (RuntimeException e) {
      return false; // ssh-add says what it is
    }
  }
}
