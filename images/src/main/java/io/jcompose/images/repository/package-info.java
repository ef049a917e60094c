/**
 * The repositories of this engine's own registry: tags, manifests, uploads; open to {@code
 * registry}. {@link io.jcompose.images.repository.Repositories} begins it.
 */
@NullMarked
package io.jcompose.images.repository;

import org.jspecify.annotations.NullMarked;
