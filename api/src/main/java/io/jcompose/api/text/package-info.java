/** Texts: JSON, tables and words for people. */
@NullMarked
package io.jcompose.api.text;

import org.jspecify.annotations.NullMarked;
