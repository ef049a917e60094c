/**
 * Mounts of this process's own: overlays, clones of trees, views of a root; the entries are {@link
 * io.jcompose.linux.mount.UnionView} and {@link io.jcompose.linux.mount.PrivateRoot}.
 */
@NullMarked
package io.jcompose.linux.mount;

import org.jspecify.annotations.NullMarked;
