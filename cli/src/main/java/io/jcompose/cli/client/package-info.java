/**
 * Finds the engine of this host, and starts one where none answers. Entry: {@link
 * io.jcompose.cli.client.EngineClient}.
 */
@NullMarked
package io.jcompose.cli.client;

import org.jspecify.annotations.NullMarked;
