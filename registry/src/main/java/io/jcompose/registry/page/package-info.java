/** What a browser shows; {@link io.jcompose.registry.page.WebPages} answers it. */
@NullMarked
package io.jcompose.registry.page;

import org.jspecify.annotations.NullMarked;
