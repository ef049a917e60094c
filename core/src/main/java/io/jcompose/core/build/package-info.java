/** Builds of images; {@link io.jcompose.core.build.Builds} is the port. */
@NullMarked
package io.jcompose.core.build;

import org.jspecify.annotations.NullMarked;
