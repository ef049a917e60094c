package io.jcompose.network.driver;

/**
 * A container's interface that is to be made.
 *
 * @param network name of its network
 * @param hostName name of the host's end; empty when it has none
 * @param bridge index of the network's own interface
 * @param name inside of the namespace
 * @param owner marks interfaces of the host
 */
@SuppressWarnings("ArrayRecordComponent") // written to a message, never compared
public record NewInterface(
    String network,
    String hostName,
    int bridge,
    String name,
    byte[] mac,
    int namespaceFd,
    String owner) {}
