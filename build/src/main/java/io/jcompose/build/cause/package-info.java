/** Why steps are carried out: what differs from the last build of the same place. */
@NullMarked
package io.jcompose.build.cause;

import org.jspecify.annotations.NullMarked;
