/**
 * The runs of containers from start to end, and what is done with one that runs: stop, pause, exec,
 * attach. The entry is {@link EngineContainers}; {@link Runs} has the transitions.
 */
@NullMarked
package io.jcompose.engine.run;

import org.jspecify.annotations.NullMarked;
