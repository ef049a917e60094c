/** The documents of the OCI image-spec, checked: descriptors, manifests, platforms, configs. */
@NullMarked
package io.jcompose.images.oci;

import org.jspecify.annotations.NullMarked;
