/**
 * gRPC over a connection that was taken over from HTTP: HTTP/2 by Netty's codec, messages by
 * protobuf's wire format. {@link io.jcompose.api.docker.rpc.RpcConnection} is where to begin.
 */
@NullMarked
package io.jcompose.api.docker.rpc;

import org.jspecify.annotations.NullMarked;
