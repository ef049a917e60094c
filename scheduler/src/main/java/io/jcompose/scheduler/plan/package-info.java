/**
 * Decides what must happen: {@link io.jcompose.scheduler.plan.Reconciler} compares desired and
 * observed and makes a {@link io.jcompose.scheduler.plan.ProjectPlan}, operations each with its
 * cause; {@link io.jcompose.scheduler.plan.ServicePlans} plans for containers that exist. Pure;
 * uses {@code desired}.
 */
@NullMarked
package io.jcompose.scheduler.plan;

import org.jspecify.annotations.NullMarked;
