/** Who may do what; {@link io.jcompose.registry.access.Gate} decides it. */
@NullMarked
package io.jcompose.registry.access;

import org.jspecify.annotations.NullMarked;
