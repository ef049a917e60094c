/**
 * What is wrong at the moment, in words for a person ({@link io.jcompose.network.notice.Notices}),
 * and what is tried again until it is right ({@link io.jcompose.network.notice.Repairs}). Knows no
 * other room.
 */
@NullMarked
package io.jcompose.network.notice;

import org.jspecify.annotations.NullMarked;
