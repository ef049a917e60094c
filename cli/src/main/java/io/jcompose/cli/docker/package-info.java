/**
 * Docker's own command line: its words carried out by Docker's API of the engine, or by what the
 * commands of our own ask. Entry: {@link io.jcompose.cli.docker.DockerLine}.
 */
@NullMarked
package io.jcompose.cli.docker;

import org.jspecify.annotations.NullMarked;
