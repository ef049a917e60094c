/**
 * Makes a project's reality match its file and keeps it so. {@link io.jcompose.scheduler.Projects}
 * is the entry; with it are the options and views that its callers use. The rooms below it are the
 * way of a command: {@code desired}, {@code plan}, {@code store}, {@code queue}, {@code execute},
 * {@code watch}, {@code command}, {@code resume}; each uses only those before it.
 */
@NullMarked
package io.jcompose.scheduler;

import org.jspecify.annotations.NullMarked;
