/**
 * Brings images into the store: documents, then layers as streams that are verified, decompressed
 * and unpacked at once. The entry is {@link io.jcompose.images.pull.Puller}.
 */
@NullMarked
package io.jcompose.images.pull;

import org.jspecify.annotations.NullMarked;
