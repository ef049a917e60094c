/** Runs each sample as a person would: {@link io.jcompose.samples.SamplesIT}. */
@NullMarked
package io.jcompose.samples;

import org.jspecify.annotations.NullMarked;
