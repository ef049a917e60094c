/**
 * Commands of containers: lists, exec, cp, top, stats; the entry is {@link
 * io.jcompose.api.container.ContainerEndpoints}.
 */
@NullMarked
package io.jcompose.api.container;

import org.jspecify.annotations.NullMarked;
