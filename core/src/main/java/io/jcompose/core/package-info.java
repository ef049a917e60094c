/**
 * The words, the error kinds and the ports through which the upper layers talk. The ports are
 * {@link io.jcompose.core.Containers}, {@link io.jcompose.core.Images}, {@link
 * io.jcompose.core.Networks}, {@link io.jcompose.core.Volumes} and {@link io.jcompose.core.Events}.
 */
@NullMarked
package io.jcompose.core;

import org.jspecify.annotations.NullMarked;
