package io.jcompose.images.registry;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Addresses as registries send them in redirects and token realms. java.net.URI is stricter than
 * other clients: it knows no host with {@code _} in it, and no query with {@code |}.
 */
final class Location {
  private static final String ALSO_LEGAL = "-_.~!*'();:@&=+$,/?#[]%";
  private static final Pattern AUTHORITY =
      Pattern.compile("(?:.*@)?(\\[[0-9a-fA-F:.%]+]|[^:\\[\\]]*)(?::(\\d{0,5}))?");
  private static final Pattern LONE_PERCENT = Pattern.compile("%(?![0-9a-fA-F]{2})");

  private Location() {}

  /** Reads an absolute http or https address. */
  static URI of(String text) throws IOException {
    return checked(parse(text));
  }

  /** Reads an address that may be relative to another. */
  static URI of(URI base, String text) throws IOException {
    return checked(base.resolve(parse(text)));
  }

  /** The host, without an IPv6 address's brackets; empty for none. */
  static String host(URI url) {
    Matcher authority = AUTHORITY.matcher(String.valueOf(url.getRawAuthority()));
    String host = url.getRawAuthority() != null && authority.matches() ? authority.group(1) : "";
    return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
  }

  static int port(URI url) {
    Matcher authority = AUTHORITY.matcher(String.valueOf(url.getRawAuthority()));
    String port = authority.matches() ? authority.group(2) : null;
    return port != null && !port.isEmpty() ? Integer.parseInt(port) : isTls(url) ? 443 : 80;
  }

  static boolean isTls(URI url) {
    return "https".equalsIgnoreCase(url.getScheme());
  }

  private static URI checked(URI url) throws IOException {
    String scheme = String.valueOf(url.getScheme()).toLowerCase(Locale.ROOT);
    boolean web = scheme.equals("http") || scheme.equals("https");
    if (!web || host(url).isEmpty() || port(url) > 0xffff) {
      throw new IOException("an invalid address");
    }
    return url;
  }

  private static URI parse(String text) throws IOException {
    StringBuilder legal = new StringBuilder();
    for (byte octet : text.getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (octet & 0xff);
      boolean plain = c < 0x80 && (Character.isLetterOrDigit(c) || ALSO_LEGAL.indexOf(c) >= 0);
      legal.append(plain ? String.valueOf(c) : "%%%02X".formatted((int) c));
    }
    try {
      return URI.create(LONE_PERCENT.matcher(legal).replaceAll("%25"));
    } catch (IllegalArgumentException e) {
      throw new IOException("an invalid address", e);
    }
  }
}
