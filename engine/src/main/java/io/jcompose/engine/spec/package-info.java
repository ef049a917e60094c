/**
 * What a container is to get: its specification, completed by its image's configuration and checked
 * before anything is made. The entry is {@link ContainerChecks}.
 */
@NullMarked
package io.jcompose.engine.spec;

import org.jspecify.annotations.NullMarked;
