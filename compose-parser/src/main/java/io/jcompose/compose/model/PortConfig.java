package io.jcompose.compose.model;

/**
 * A port of a service.
 *
 * @param target the container's port
 * @param publishedFirst first host port that may be taken, 0 for any free one
 * @param publishedLast last host port that may be taken, equal to the first where only one may
 * @param hostIp empty is every address
 * @param protocol tcp, udp or sctp
 * @param mode ingress or host, as written; one host makes no difference
 */
public record PortConfig(
    int target,
    int publishedFirst,
    int publishedLast,
    String hostIp,
    String protocol,
    String mode,
    String name,
    String appProtocol) {}
