/**
 * Where the files of a project come from: folders, git, registries, env files; the entry is {@link
 * io.jcompose.compose.source.ProjectFiles}.
 */
@NullMarked
package io.jcompose.compose.source;

import org.jspecify.annotations.NullMarked;
