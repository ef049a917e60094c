package io.jcompose.network;

import io.jcompose.core.Networking;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a container needs of the network.
 *
 * @param names further names on each of its networks; container name, short id, hostname and the
 *     endpoints' aliases need not be given
 * @param hostname empty is the id's first 12 digits
 * @param namespace an empty network namespace that was made for it, by its path; null for a new one
 * @param networking mode none, host or networks; {@code container:ID} has no sandbox of its own
 */
public record SandboxRequest(
    String containerId,
    String containerName,
    List<String> names,
    String hostname,
    String domainname,
    @Nullable Path namespace,
    Networking networking) {
  public SandboxRequest {
    names = List.copyOf(names);
    hostname =
        hostname.isEmpty()
            ? containerId.substring(0, Math.min(12, containerId.length()))
            : hostname;
  }
}
