/** Files that are copied into images: where they come from, which they are, and where they go. */
@NullMarked
package io.jcompose.build.context;

import org.jspecify.annotations.NullMarked;
