package io.jcompose.images.registry;

import java.net.URI;
import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Chooses a proxy by HTTP_PROXY, HTTPS_PROXY and NO_PROXY, as Go's httpproxy does. Immutable. */
final class ProxyChoice {
  private final @Nullable URI http;
  private final @Nullable URI https;
  private final String[] direct;

  ProxyChoice(Function<String, @Nullable String> environment) {
    this.http = url(variable(environment, "HTTP_PROXY"));
    this.https = url(variable(environment, "HTTPS_PROXY"));
    this.direct = variable(environment, "NO_PROXY").split(",", -1);
  }

  /** The proxy for a URL, or null to connect directly; loopback is always direct. */
  @Nullable URI proxyFor(URI url) {
    URI proxy = "https".equalsIgnoreCase(url.getScheme()) ? https : http;
    if (proxy == null) {
      return null;
    }
    String host = Location.host(url).toLowerCase(Locale.ROOT);
    if (HostRanges.isLoopback(host)) {
      return null;
    }
    for (String entry : direct) {
      if (matches(entry.strip().toLowerCase(Locale.ROOT), host, Location.port(url))) {
        return null;
      }
    }
    return proxy;
  }

  private static boolean matches(String entry, String host, int port) {
    if (entry.isEmpty()) {
      return false;
    }
    if (entry.equals("*") || entry.equals(host) || entry.equals(host + ":" + port)) {
      return true;
    }
    String suffix = entry.startsWith("*.") ? entry.substring(1) : entry;
    return host.endsWith(suffix.startsWith(".") ? suffix : "." + suffix)
        || (entry.indexOf('/') > 0 && HostRanges.contains(entry, host));
  }

  private static String variable(Function<String, @Nullable String> environment, String name) {
    String value = environment.apply(name);
    if (value == null || value.isEmpty()) {
      value = environment.apply(name.toLowerCase(Locale.ROOT));
    }
    return value == null ? "" : value;
  }

  private static @Nullable URI url(String text) {
    if (text.isEmpty()) {
      return null;
    }
    URI url = URI.create(text.contains("://") ? text : "http://" + text);
    return url.getHost() == null ? null : url;
  }
}
