/** Makes a project's reality match its file and keeps it so. */
@NullMarked
package io.jcompose.scheduler;

import org.jspecify.annotations.NullMarked;
