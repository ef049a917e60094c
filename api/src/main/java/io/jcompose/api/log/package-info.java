/** Logs, past and followed, and events; the entry is {@link io.jcompose.api.log.LogsCommand}. */
@NullMarked
package io.jcompose.api.log;

import org.jspecify.annotations.NullMarked;
