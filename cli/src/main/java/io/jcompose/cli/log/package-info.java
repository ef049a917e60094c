/** The engine's own log: what slf4j is bound to. Entry: {@link io.jcompose.cli.log.EngineLog}. */
@NullMarked
package io.jcompose.cli.log;

import org.jspecify.annotations.NullMarked;
