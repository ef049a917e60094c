/**
 * Decides what must happen: {@link io.jcompose.scheduler.plan.Reconciler} compares what is desired
 * with what is observed and makes a graph of operations, each with its cause; {@link
 * io.jcompose.scheduler.plan.ServicePlans} does so for containers that are there. Pure; uses {@code
 * desired} only.
 */
@NullMarked
package io.jcompose.scheduler.plan;

import org.jspecify.annotations.NullMarked;
