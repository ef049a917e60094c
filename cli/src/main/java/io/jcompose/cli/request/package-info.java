/**
 * What is sent: which engine is meant, and the members of a request to it. Entry: {@link
 * io.jcompose.cli.request.ProjectRequest}.
 */
@NullMarked
package io.jcompose.cli.request;

import org.jspecify.annotations.NullMarked;
