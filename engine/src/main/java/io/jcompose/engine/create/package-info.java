/**
 * What a container has from its creation to its removal: a name, a folder, a layer, volumes. The
 * entry is {@link Provisioning}.
 */
@NullMarked
package io.jcompose.engine.create;

import org.jspecify.annotations.NullMarked;
