/**
 * The OCI distribution API 1.1; {@link io.jcompose.registry.protocol.DistributionApi} routes its
 * requests.
 */
@NullMarked
package io.jcompose.registry.protocol;

import org.jspecify.annotations.NullMarked;
