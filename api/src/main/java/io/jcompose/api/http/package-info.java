/**
 * HTTP/1.1 over a Unix socket on blocking channels and virtual threads; it knows no route and no
 * container. Entry class: {@link io.jcompose.api.http.ServerSocketFront}.
 */
@NullMarked
package io.jcompose.api.http;

import org.jspecify.annotations.NullMarked;
