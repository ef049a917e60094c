/**
 * Go's templates, as {@code --format} takes them. Entry: {@link io.jcompose.api.template.Template}.
 */
@NullMarked
package io.jcompose.api.template;

import org.jspecify.annotations.NullMarked;
