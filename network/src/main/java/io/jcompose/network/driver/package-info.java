/**
 * What a network is on the host: {@link io.jcompose.network.driver.Driver}, found by {@link
 * io.jcompose.network.driver.Drivers}. Stands on links, nft and addresses.
 */
@NullMarked
package io.jcompose.network.driver;

import org.jspecify.annotations.NullMarked;
