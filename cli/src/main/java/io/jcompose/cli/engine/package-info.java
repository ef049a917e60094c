/**
 * The engine as a process: its start, its wiring, taking over from another, its end, and what it
 * carries out for clients. Entries: {@link io.jcompose.cli.engine.EngineAction} and {@link
 * io.jcompose.cli.engine.ClientCommands}.
 */
@NullMarked
package io.jcompose.cli.engine;

import org.jspecify.annotations.NullMarked;
