package io.jcompose.build.fetch;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;

/** A file of a web server. */
public record WebSource(String url) {
  private static final String UNNAMED = "__unnamed__"; // as BuildKit's

  /** Whether a source word means one; what is a git repository is told apart before. */
  public static boolean accepts(String text) {
    return text.startsWith("http://") || text.startsWith("https://");
  }

  /** What it is called: the last part of its path. */
  public String name() {
    String path = url.replaceFirst("[?#].*", "").replaceFirst("^https?://[^/]*", "");
    String decoded;
    try {
      decoded = URLDecoder.decode(path.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return UNNAMED;
    }
    String whole = decoded.replaceFirst("/+$", "");
    String name = whole.substring(whole.lastIndexOf('/') + 1);
    boolean usable =
        !name.isEmpty() && !name.equals(".") && !name.equals("..") && name.indexOf('\0') < 0;
    return usable ? name : UNNAMED;
  }
}
