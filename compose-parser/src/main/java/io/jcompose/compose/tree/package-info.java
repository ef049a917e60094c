/**
 * The values of a document with the places they were read from, and what a load notes of them; the
 * entry is {@link io.jcompose.compose.tree.Node}.
 */
@NullMarked
package io.jcompose.compose.tree;

import org.jspecify.annotations.NullMarked;
