package io.jcompose.registry.protocol;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * What a path below {@code /v2/} means. A name may have any number of parts, so that the end of the
 * path decides; whether it is one is decided elsewhere.
 *
 * @param name the repository's, not yet checked
 * @param item tag, digest or upload; empty for a list or a new upload
 */
record ApiPath(Kind kind, String name, String item) {
  /** What is asked for. */
  enum Kind {
    TAGS,
    MANIFEST,
    BLOB,
    NEW_UPLOAD,
    UPLOAD,
    REFERRERS
  }

  /** Parses what follows {@code /v2/}, not decoded; empty for anything else. */
  static Optional<ApiPath> parse(String rest) {
    if (rest.endsWith("/tags/list")) {
      return of(Kind.TAGS, rest.substring(0, rest.length() - "/tags/list".length()), "");
    }
    for (String end : new String[] {"/blobs/uploads/", "/blobs/uploads"}) {
      if (rest.endsWith(end)) {
        return of(Kind.NEW_UPLOAD, rest.substring(0, rest.length() - end.length()), "");
      }
    }
    int slash = rest.lastIndexOf('/');
    String item = slash < 0 ? "" : rest.substring(slash + 1);
    String front = slash < 0 ? "" : rest.substring(0, slash);
    Kind kind =
        front.endsWith("/manifests")
            ? Kind.MANIFEST
            : front.endsWith("/blobs/uploads")
                ? Kind.UPLOAD
                : front.endsWith("/blobs")
                    ? Kind.BLOB
                    : front.endsWith("/referrers") ? Kind.REFERRERS : null;
    if (kind == null || item.isEmpty()) {
      return Optional.empty();
    }
    int parts = kind == Kind.UPLOAD ? 2 : 1;
    String name = front;
    for (int i = 0; i < parts; i++) {
      name = name.substring(0, name.lastIndexOf('/'));
    }
    return of(kind, name, decoded(item));
  }

  private static Optional<ApiPath> of(Kind kind, String name, String item) {
    return name.isEmpty() ? Optional.empty() : Optional.of(new ApiPath(kind, decoded(name), item));
  }

  /**
   * RFC 3986 section 2.1; clients write the colon of a digest as {@code %3A}. What is no encoding
   * stays as it is, and is no name then.
   */
  private static String decoded(String text) {
    if (text.indexOf('%') < 0) {
      return text;
    }
    byte[] bytes = new byte[text.length()];
    int count = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      int high = i + 2 <= text.length() - 1 ? Character.digit(text.charAt(i + 1), 16) : -1;
      int low = i + 2 <= text.length() - 1 ? Character.digit(text.charAt(i + 2), 16) : -1;
      if (c == '%' && high >= 0 && low >= 0) {
        bytes[count++] = (byte) (high << 4 | low);
        i += 2;
      } else {
        bytes[count++] = (byte) (c < 128 ? c : '?');
      }
    }
    return new String(bytes, 0, count, StandardCharsets.UTF_8);
  }
}
