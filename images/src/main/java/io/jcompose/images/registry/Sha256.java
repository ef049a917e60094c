package io.jcompose.images.registry;

import io.jcompose.core.JcomposeException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** SHA-256 of small documents. */
final class Sha256 {
  private Sha256() {}

  static byte[] of(byte[] content) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(content);
    } catch (NoSuchAlgorithmException e) {
      throw new JcomposeException.Internal("no SHA-256 in this JDK", e);
    }
  }
}
