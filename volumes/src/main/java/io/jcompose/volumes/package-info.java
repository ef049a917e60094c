/** Owns named volumes, tmpfs, configs and secrets; gives mounts. */
@NullMarked
package io.jcompose.volumes;

import org.jspecify.annotations.NullMarked;
