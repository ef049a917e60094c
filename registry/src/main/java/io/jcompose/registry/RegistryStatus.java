package io.jcompose.registry;

/**
 * How a registry is served just now.
 *
 * @param address {@code https://0.0.0.0:5000}
 */
public record RegistryStatus(String address, boolean secure, RegistrySettings settings) {}
