package io.jcompose.images.registry;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/**
 * One place that may serve a registry's images: a mirror, or the registry itself.
 *
 * @param base URL before {@code /v2/}, without a trailing slash
 * @param credentialKey whose login to use
 * @param namespace of a mirror the registry whose images are asked for, which it is told as
 *     containerd tells it; empty for that registry itself
 * @param attempts how often to try before going on
 */
record Endpoint(URI base, String credentialKey, boolean verifyTls, String namespace, int attempts) {
  URI url(String path) throws IOException {
    String query = mirror() ? "?ns=" + URLEncoder.encode(namespace, StandardCharsets.UTF_8) : "";
    return Location.of(base + "/v2/" + path + query);
  }

  boolean mirror() {
    return !namespace.isEmpty();
  }

  Endpoint once() {
    return new Endpoint(base, credentialKey, verifyTls, namespace, 1);
  }

  @Override
  public String toString() {
    return base.toString();
  }
}
