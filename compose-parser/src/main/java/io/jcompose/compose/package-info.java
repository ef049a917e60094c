/**
 * Turns compose files, env files and profiles into one immutable, validated project with source
 * positions.
 */
@NullMarked
package io.jcompose.compose;

import org.jspecify.annotations.NullMarked;
