package io.jcompose.api;

import io.jcompose.core.Activity;
import io.jcompose.core.Containers;
import io.jcompose.core.Contents;
import io.jcompose.core.Events;
import io.jcompose.core.Images;
import io.jcompose.core.Networks;
import io.jcompose.core.Volumes;
import io.jcompose.core.build.Builds;
import io.jcompose.registry.Registry;

/** The ports by which requests reach what the engine keeps. Immutable. */
public record ApiPorts(
    Containers containers,
    Contents contents,
    Activity activity,
    Images images,
    Builds builds,
    Networks networks,
    Volumes volumes,
    Events events,
    Registry registry) {}
