/**
 * The wire of nftables: {@link io.jcompose.network.nft.NftBatch} changes, {@link
 * io.jcompose.network.nft.NftListing} lists, {@link io.jcompose.network.nft.Ruleset} reads what is
 * listed, {@link io.jcompose.network.nft.Nft} runs the program. Knows addresses only.
 */
@NullMarked
package io.jcompose.network.nft;

import org.jspecify.annotations.NullMarked;
