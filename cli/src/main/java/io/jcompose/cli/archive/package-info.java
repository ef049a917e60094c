/**
 * Archives between the caller's files and the engine, both ways, and what builds leave. Entries:
 * {@link io.jcompose.cli.archive.ArchiveStreams} and {@link io.jcompose.cli.archive.BuildOutput}.
 */
@NullMarked
package io.jcompose.cli.archive;

import org.jspecify.annotations.NullMarked;
