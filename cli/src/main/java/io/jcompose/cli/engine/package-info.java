/**
 * The engine as a process: its start, its wiring, taking over from another, its end. Entry: {@link
 * io.jcompose.cli.engine.EngineAction}.
 */
@NullMarked
package io.jcompose.cli.engine;

import org.jspecify.annotations.NullMarked;
