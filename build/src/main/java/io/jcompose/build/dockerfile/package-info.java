/** Reads Dockerfiles: {@link io.jcompose.build.dockerfile.Dockerfile#parse}. */
@NullMarked
package io.jcompose.build.dockerfile;

import org.jspecify.annotations.NullMarked;
