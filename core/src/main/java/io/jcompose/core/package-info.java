/**
 * The words, the error kinds and the ports through which the upper layers talk. The ports are
 * {@link io.jcompose.core.Containers}, {@link io.jcompose.core.Images}, {@link
 * io.jcompose.core.Networks}, {@link io.jcompose.core.Volumes}, {@link io.jcompose.core.Events},
 * {@link io.jcompose.core.Contents}, {@link io.jcompose.core.Activity} and {@link
 * io.jcompose.core.build.Builds}.
 */
@NullMarked
package io.jcompose.core;

import org.jspecify.annotations.NullMarked;
