package io.jcompose.api.docker.session;

import io.jcompose.api.docker.rpc.ProtoMessage;
import io.jcompose.api.docker.rpc.ProtoWriter;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The name by which a client gives an image back that was built for it: a definition of one source,
 * which it does not look into.
 */
final class ResultReference {
  private static final String PREFIX = "docker-image://jcompose/result@";

  private ResultReference() {}

  /** {@code Ref} of an image. */
  static ProtoWriter of(String imageId) {
    byte[] source =
        new ProtoWriter().message(3, new ProtoWriter().text(1, PREFIX + imageId)).toBytes();
    String digest = sha256(source);
    byte[] last = new ProtoWriter().message(1, new ProtoWriter().text(1, digest)).toBytes();
    ProtoWriter definition =
        new ProtoWriter()
            .bytes(1, source)
            .bytes(1, last)
            .message(2, new ProtoWriter().text(1, digest).message(2, new ProtoWriter()))
            .message(2, new ProtoWriter().text(1, sha256(last)).message(2, new ProtoWriter()));
    return new ProtoWriter().text(1, imageId).message(2, definition);
  }

  /** The image of a definition; empty for one of another builder. */
  static String id(ProtoMessage definition) {
    return definition.messages(1).stream()
        .map(operation -> operation.message(3).text(1))
        .filter(source -> source.startsWith(PREFIX))
        .map(source -> source.substring(PREFIX.length()))
        .findFirst()
        .orElse("");
  }

  static String sha256(byte[] bytes) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(bytes);
      return "sha256:" + HexFormat.of().formatHex(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  static String sha256(String text) {
    return sha256(text.getBytes(StandardCharsets.UTF_8));
  }
}
