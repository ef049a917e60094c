/**
 * Builds as BuildKit's clients ask for them ({@code docker build}, buildx, {@code docker compose
 * build}): calls of gRPC on {@code POST /grpc}, by which a build is asked for, and on {@code POST
 * /session}, by which the engine asks the client for its files, secrets and logins. The entry is
 * {@link io.jcompose.api.docker.session.SessionRoutes}.
 */
@NullMarked
package io.jcompose.api.docker.session;

import org.jspecify.annotations.NullMarked;
