package io.jcompose.api.docker.model;

/**
 * What a path of a container is, as the header {@code X-Docker-Container-Path-Stat} has it.
 * Immutable.
 *
 * @param mode as Go's FileMode
 * @param linkTarget absolute; empty for what is no link
 */
public record PathStat(String name, long size, long mode, String mtime, String linkTarget) {}
