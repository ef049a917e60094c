/**
 * Patterns for paths: what a context leaves out, {@link io.jcompose.build.ignore.IgnoreFile}, and
 * which sources a copy takes, {@link io.jcompose.build.ignore.Wildcard}.
 */
@NullMarked
package io.jcompose.build.ignore;

import org.jspecify.annotations.NullMarked;
