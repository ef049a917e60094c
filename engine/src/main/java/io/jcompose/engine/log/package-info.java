/**
 * A log line's way from the file that the shim writes: read and followed by {@link JsonLogReader},
 * packed and sent on by {@link ContainerLogs}, as {@link LogOptions} say.
 */
@NullMarked
package io.jcompose.engine.log;

import org.jspecify.annotations.NullMarked;
