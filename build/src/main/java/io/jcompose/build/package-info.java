/** Turns a Dockerfile and its context into an image. */
@NullMarked
package io.jcompose.build;

import org.jspecify.annotations.NullMarked;
