/** What images are on disk: records, blobs, unpacked layers, and what takes them away. */
@NullMarked
package io.jcompose.images.store;

import org.jspecify.annotations.NullMarked;
