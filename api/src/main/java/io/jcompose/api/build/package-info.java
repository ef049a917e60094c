/**
 * Builds: of a project's services, of a folder, and what they keep. Entry: {@link
 * io.jcompose.api.build.BuildEndpoints}.
 */
@NullMarked
package io.jcompose.api.build;

import org.jspecify.annotations.NullMarked;
