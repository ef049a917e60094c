package io.jcompose.core;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * A content digest, {@code sha256:<64 lower-case hex>} or {@code sha512:<128>} (OCI image-spec,
 * descriptor.md). Safe to use in a path: nothing but a valid digest can be made.
 */
public record Digest(String algorithm, String hex) implements Comparable<Digest> {
  private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");
  private static final int SHOWN = 200;
  private static final Pattern SHA512 = Pattern.compile("[0-9a-f]{128}");

  public Digest {
    boolean valid =
        switch (algorithm) {
          case "sha256" -> SHA256.matcher(hex).matches();
          case "sha512" -> SHA512.matcher(hex).matches();
          default -> false;
        };
    if (!valid) {
      throw invalid(algorithm + ":" + hex);
    }
  }

  /** Parses {@code algorithm:hex}; throws InvalidArgument. */
  public static Digest parse(String text) {
    int colon = text.indexOf(':');
    if (colon < 0) {
      throw invalid(text);
    }
    return new Digest(text.substring(0, colon), text.substring(colon + 1));
  }

  /** A SHA-256 digest from its 32 bytes. */
  public static Digest sha256(byte[] bytes) {
    return new Digest("sha256", HexFormat.of().formatHex(bytes));
  }

  /** True when it is the content's. */
  public boolean isOf(byte[] content) {
    try {
      MessageDigest hash =
          MessageDigest.getInstance(algorithm.equals("sha256") ? "SHA-256" : "SHA-512");
      return HexFormat.of().formatHex(hash.digest(content)).equals(hex);
    } catch (NoSuchAlgorithmException e) {
      throw new JcomposeException.Internal("no " + algorithm + " in this JDK", e);
    }
  }

  private static JcomposeException invalid(String text) {
    String shown = text.length() > SHOWN ? text.substring(0, SHOWN) + "…" : text;
    return new JcomposeException.InvalidArgument("invalid digest \"" + shown + "\"");
  }

  @Override
  public int compareTo(Digest other) {
    return toString().compareTo(other.toString());
  }

  @Override
  public String toString() {
    return algorithm + ":" + hex;
  }
}
