/**
 * What is legal in a Dockerfile and likely wrong: {@link io.jcompose.build.lint.Lint#check}, with
 * the rules of Docker's {@code build --check}.
 */
@NullMarked
package io.jcompose.build.lint;

import org.jspecify.annotations.NullMarked;
