package io.jcompose.registry.http;

import io.vertx.core.net.KeyCertOptions;
import org.jspecify.annotations.Nullable;

/**
 * Where and how a front listens.
 *
 * @param host an address
 * @param port 0 for any
 * @param certificate null for plain HTTP
 */
public record Listening(String host, int port, @Nullable KeyCertOptions certificate) {}
