/**
 * Who a container's programs run as: users and groups by the container's own files. Enter at
 * UserLookup.
 */
@NullMarked
package io.jcompose.runtime.user;

import org.jspecify.annotations.NullMarked;
