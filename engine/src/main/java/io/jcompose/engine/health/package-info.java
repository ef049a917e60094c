/** The probing of containers that have a health check. The entry is {@link HealthMonitor}. */
@NullMarked
package io.jcompose.engine.health;

import org.jspecify.annotations.NullMarked;
