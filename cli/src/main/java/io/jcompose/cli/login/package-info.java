/**
 * The user's logins for registries, as Docker keeps them; the entry class is {@link
 * io.jcompose.cli.login.DockerConfig}.
 */
@NullMarked
package io.jcompose.cli.login;

import org.jspecify.annotations.NullMarked;
