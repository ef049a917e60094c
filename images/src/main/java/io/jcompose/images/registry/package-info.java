/** Talks to registries (OCI distribution-spec 1.1, Docker Registry HTTP API V2). */
@NullMarked
package io.jcompose.images.registry;

import org.jspecify.annotations.NullMarked;
