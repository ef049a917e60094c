/** Images in archives: saved, loaded, and imported of root file systems. */
@NullMarked
package io.jcompose.images.transfer;

import org.jspecify.annotations.NullMarked;
