/**
 * Makes a container of snapshot, mounts, endpoints and task; implements the ports; keeps the
 * records.
 */
@NullMarked
package io.jcompose.engine;

import org.jspecify.annotations.NullMarked;
