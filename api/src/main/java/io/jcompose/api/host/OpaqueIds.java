package io.jcompose.api.host;

import io.jcompose.core.ContainerView;
import io.jcompose.core.JcomposeException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Ids of what this engine does not number and Docker does: digests of what they belong to, so that
 * they are always the same. Stateless.
 */
public final class OpaqueIds {
  private OpaqueIds() {}

  /** Of a network without a record, by its name. */
  public static String network(String name) {
    return digest("network " + name);
  }

  /** Of a container on a network. */
  public static String endpoint(String containerId, String networkId) {
    return digest("endpoint " + containerId + " " + networkId);
  }

  /** Of the network namespace of a container's present run. */
  public static String sandbox(ContainerView view) {
    return digest("sandbox " + view.id() + " " + view.startedAt());
  }

  private static String digest(String text) {
    try {
      MessageDigest hash = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(hash.digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new JcomposeException.Internal("no SHA-256 in this JDK", e);
    }
  }
}
