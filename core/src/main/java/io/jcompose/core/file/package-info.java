/** State files, and walks over trees of files. */
@NullMarked
package io.jcompose.core.file;

import org.jspecify.annotations.NullMarked;
