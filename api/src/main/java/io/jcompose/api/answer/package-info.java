/**
 * What goes back: frames, progress, lists and errors; the entries are {@link
 * io.jcompose.api.answer.FrameOutput} and {@link io.jcompose.api.answer.ApiError}.
 */
@NullMarked
package io.jcompose.api.answer;

import org.jspecify.annotations.NullMarked;
