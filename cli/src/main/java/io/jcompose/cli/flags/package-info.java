/**
 * What docker's flags of {@code run} and {@code create} say, as the body of Docker's {@code POST
 * /containers/create}. Entry: {@link io.jcompose.cli.flags.CreateBody}.
 */
@NullMarked
package io.jcompose.cli.flags;

import org.jspecify.annotations.NullMarked;
