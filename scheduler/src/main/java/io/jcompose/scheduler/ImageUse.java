package io.jcompose.scheduler;

import io.jcompose.core.ContainerView;
import io.jcompose.core.Images.ImageView;
import org.jspecify.annotations.Nullable;

/**
 * A container with its image.
 *
 * @param image null when it is gone
 */
public record ImageUse(ContainerView container, @Nullable ImageView image) {}
