/** Git repositories elsewhere, which {@link io.jcompose.core.git.GitProgram} fetches from. */
@NullMarked
package io.jcompose.core.git;

import org.jspecify.annotations.NullMarked;
