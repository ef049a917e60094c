/**
 * HTTP/1.1 by Vert.x, for handlers that block: {@link io.jcompose.registry.http.HttpFront} gives
 * each request a virtual thread.
 */
@NullMarked
package io.jcompose.registry.http;

import org.jspecify.annotations.NullMarked;
