/**
 * What `config` prints of a project, and how: JSON, YAML, hashes, explanations; the entry is {@link
 * io.jcompose.compose.config.ConfigWriter}.
 */
@NullMarked
package io.jcompose.compose.config;

import org.jspecify.annotations.NullMarked;
