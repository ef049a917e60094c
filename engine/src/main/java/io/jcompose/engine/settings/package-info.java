/**
 * The engine's file of settings, in the form of Docker's {@code daemon.json}. {@link SettingsKeys}
 * says what it may have, {@link SettingsFile} reads it, the others are what it means for one part
 * each.
 */
@NullMarked
package io.jcompose.engine.settings;

import org.jspecify.annotations.NullMarked;
