/** Runs the commands of builds, as containers that nobody sees. */
@NullMarked
package io.jcompose.engine.build;

import org.jspecify.annotations.NullMarked;
