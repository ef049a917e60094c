/** Progress as people and programs see it. Entry: {@link io.jcompose.cli.view.ControlLines}. */
@NullMarked
package io.jcompose.cli.view;

import org.jspecify.annotations.NullMarked;
