/** Pulls, stores and unpacks images; gives a root filesystem as a list of mounts. */
@NullMarked
package io.jcompose.images;

import org.jspecify.annotations.NullMarked;
