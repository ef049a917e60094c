/** Documents of Docker's Engine API, with its names and its null, [] and absent. */
@NullMarked
package io.jcompose.api.docker.model;

import org.jspecify.annotations.NullMarked;
