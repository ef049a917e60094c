package io.jcompose.registry.tls;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.PemKeyCertOptions;

/**
 * What a server shows, and what it proves that by; both as PEM.
 *
 * @param certificate with those between it and an authority
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Identity(byte[] certificate, byte[] key) {
  public KeyCertOptions options() {
    return new PemKeyCertOptions()
        .addCertValue(Buffer.buffer(certificate))
        .addKeyValue(Buffer.buffer(key));
  }
}
