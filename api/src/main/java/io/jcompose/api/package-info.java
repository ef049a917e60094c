/**
 * jcompose's HTTP API: project commands under {@code /jcompose/v1/}, and Docker's Engine API at the
 * root. Entry class: {@link io.jcompose.api.JcomposeApi}, served by {@link
 * io.jcompose.api.http.ServerSocketFront}.
 */
@NullMarked
package io.jcompose.api;

import org.jspecify.annotations.NullMarked;
