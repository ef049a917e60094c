/**
 * Objects as Docker's API shows them; the entry is {@link io.jcompose.api.inspect.InspectCommand}.
 */
@NullMarked
package io.jcompose.api.inspect;

import org.jspecify.annotations.NullMarked;
