/**
 * Checks a document against the schema and brings short forms into long ones; the entry is {@link
 * io.jcompose.compose.schema.Canonicalizer}.
 */
@NullMarked
package io.jcompose.compose.schema;

import org.jspecify.annotations.NullMarked;
