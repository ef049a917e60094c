package io.jcompose.registry;

/**
 * How a registry is served just now.
 *
 * @param address {@code https://0.0.0.0:5000}
 * @param uploads under way
 */
public record RegistryStatus(
    String address, boolean secure, int connections, int uploads, RegistrySettings settings) {}
