/** What each command does. Entry: {@link io.jcompose.cli.action.Actions}. */
@NullMarked
package io.jcompose.cli.action;

import org.jspecify.annotations.NullMarked;
