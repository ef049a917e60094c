/**
 * What a request asks for: its members, the containers, projects and times that it means; the entry
 * is {@link io.jcompose.api.request.CommandRequest}.
 */
@NullMarked
package io.jcompose.api.request;

import org.jspecify.annotations.NullMarked;
