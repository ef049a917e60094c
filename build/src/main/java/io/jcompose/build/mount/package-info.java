/**
 * Mounts of {@code RUN}: {@link io.jcompose.build.mount.MountFlag} as written, {@link
 * io.jcompose.build.mount.RunMount} as meant.
 */
@NullMarked
package io.jcompose.build.mount;

import org.jspecify.annotations.NullMarked;
