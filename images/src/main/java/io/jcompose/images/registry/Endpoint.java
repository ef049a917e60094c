package io.jcompose.images.registry;

import java.io.IOException;
import java.net.URI;

/**
 * One place that may serve a registry's images: a mirror, or the registry itself.
 *
 * @param base URL before {@code /v2/}, without a trailing slash
 * @param credentialKey whose login to use
 * @param attempts how often to try before going on
 */
record Endpoint(URI base, String credentialKey, boolean verifyTls, boolean mirror, int attempts) {
  URI url(String path) throws IOException {
    return Location.of(base + "/v2/" + path);
  }

  Endpoint once() {
    return new Endpoint(base, credentialKey, verifyTls, mirror, 1);
  }

  @Override
  public String toString() {
    return base.toString();
  }
}
