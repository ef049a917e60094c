/**
 * The desired state of a project, in the engine's words: {@link
 * io.jcompose.scheduler.desired.Translation} makes it of the project's files, or says what is in
 * the way. Pure; uses no other room.
 */
@NullMarked
package io.jcompose.scheduler.desired;

import org.jspecify.annotations.NullMarked;
