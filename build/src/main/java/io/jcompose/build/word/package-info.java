/** Quotes, escapes and variables in words: {@link io.jcompose.build.word.Words}. */
@NullMarked
package io.jcompose.build.word;

import org.jspecify.annotations.NullMarked;
