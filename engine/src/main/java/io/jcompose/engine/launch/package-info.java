/**
 * Brings a container's process up: network, files, mounts, namespaces, task. The entry is {@link
 * Launch}, behind {@link Launching}.
 */
@NullMarked
package io.jcompose.engine.launch;

import org.jspecify.annotations.NullMarked;
