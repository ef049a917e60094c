package io.jcompose.core;

import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The full name of an image: registry, repository, and a tag, a digest or both
 * (github.com/distribution/reference).
 *
 * @param domain registry host with an optional port; {@code docker.io} when the text named none
 * @param path repository, {@code library/nginx}
 * @param tag null only when a digest is given
 */
public record ImageReference(
    String domain, String path, @Nullable String tag, @Nullable Digest digest) {
  private static final Pattern DOMAIN =
      Pattern.compile(
          "(?:(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(?:\\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*"
              + "|\\[[a-fA-F0-9:]+])(?::[0-9]+)?");
  private static final Pattern PATH =
      Pattern.compile(
          "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*)*");
  private static final Pattern TAG = Pattern.compile("\\w[\\w.-]{0,127}");
  private static final Pattern BARE_ID = Pattern.compile("[a-f0-9]{64}");
  private static final int NAME_LENGTH_LIMIT = 255;
  private static final int SHOWN = 300;

  /**
   * Parses a name as Docker does: {@code nginx} is {@code docker.io/library/nginx:latest}. Throws
   * InvalidArgument.
   */
  public static ImageReference parse(String text) {
    if (text.isEmpty() || BARE_ID.matcher(text).matches()) {
      throw invalid(text);
    }
    String rest = text;
    Digest digest = null;
    int at = rest.indexOf('@');
    if (at >= 0) {
      digest = Digest.parse(rest.substring(at + 1));
      rest = rest.substring(0, at);
    }
    String domain = "docker.io";
    int slash = rest.indexOf('/');
    if (slash >= 0 && isDomain(rest.substring(0, slash))) {
      domain = rest.substring(0, slash);
      rest = rest.substring(slash + 1);
    }
    String tag = null;
    int colon = rest.lastIndexOf(':');
    if (colon >= 0) {
      tag = rest.substring(colon + 1);
      rest = rest.substring(0, colon);
    }
    if (domain.equals("index.docker.io")) {
      domain = "docker.io";
    }
    if (domain.equals("docker.io") && rest.indexOf('/') < 0) {
      rest = "library/" + rest;
    }
    check(text, domain, rest, tag);
    return new ImageReference(domain, rest, tag == null && digest == null ? "latest" : tag, digest);
  }

  /** The short form that people see: without {@code docker.io/} and {@code library/}. */
  public String familiar() {
    return familiarName() + suffix();
  }

  /** {@link #familiar} without tag and digest. */
  public String familiarName() {
    if (!domain.equals("docker.io")) {
      return domain + "/" + path;
    }
    boolean official = path.startsWith("library/") && path.indexOf('/', 8) < 0;
    return official ? path.substring(8) : path;
  }

  /** What a registry's manifest URL names: the digest when given, else the tag. */
  public String manifestReference() {
    return digest != null ? digest.toString() : String.valueOf(tag);
  }

  @Override
  public String toString() {
    return domain + "/" + path + suffix();
  }

  private String suffix() {
    return (tag == null ? "" : ":" + tag) + (digest == null ? "" : "@" + digest);
  }

  private static boolean isDomain(String first) {
    return first.equals("localhost")
        || first.indexOf('.') >= 0
        || first.indexOf(':') >= 0
        || !first.equals(first.toLowerCase(Locale.ROOT));
  }

  private static void check(String text, String domain, String path, @Nullable String tag) {
    // First of all, for a pattern takes stack by the length of what it matches.
    if (domain.length() + 1 + path.length() > NAME_LENGTH_LIMIT) {
      throw invalid(text);
    }
    if (!path.equals(path.toLowerCase(Locale.ROOT)) && DOMAIN.matcher(domain).matches()) {
      throw new JcomposeException.InvalidArgument(
          "invalid reference format: repository name (" + path + ") must be lowercase");
    }
    if (!DOMAIN.matcher(domain).matches()
        || !PATH.matcher(path).matches()
        || (tag != null && !TAG.matcher(tag).matches())) {
      throw invalid(text);
    }
  }

  private static JcomposeException invalid(String text) {
    String shown = text.length() > SHOWN ? text.substring(0, SHOWN) + "…" : text;
    return new JcomposeException.InvalidArgument("invalid reference format: \"" + shown + "\"");
  }
}
