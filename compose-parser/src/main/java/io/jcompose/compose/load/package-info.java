/**
 * Makes one tree of all files (interpolate, extend, include, merge, resolve) and reads the model's
 * records out of it; the entries are {@link io.jcompose.compose.load.Loading} and {@link
 * io.jcompose.compose.load.ModelReader}.
 */
@NullMarked
package io.jcompose.compose.load;

import org.jspecify.annotations.NullMarked;
