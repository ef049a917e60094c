/**
 * Commands of a project: up, down, config and their like; the entry is {@link
 * io.jcompose.api.project.ProjectCommands}.
 */
@NullMarked
package io.jcompose.api.project;

import org.jspecify.annotations.NullMarked;
