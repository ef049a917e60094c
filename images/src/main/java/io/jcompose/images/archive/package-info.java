/**
 * Directory trees to and from tar archives, by descriptors: {@link
 * io.jcompose.images.archive.TreeReader}.
 */
@NullMarked
package io.jcompose.images.archive;

import org.jspecify.annotations.NullMarked;
