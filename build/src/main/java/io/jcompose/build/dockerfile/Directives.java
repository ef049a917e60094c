package io.jcompose.build.dockerfile;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The directives on top of a Dockerfile.
 *
 * @param escape {@code \} or {@code `}
 * @param syntax the frontend's image, which is Docker's own; null when none is named
 * @param skipAll {@code check=skip=all}
 * @param skip rules of the check that are not applied
 * @param experimental rules that are applied though they are experiments; may have {@code all}
 * @param findingsFail {@code check=error=true}: what the check finds fails the build
 */
public record Directives(
    char escape,
    @Nullable String syntax,
    boolean skipAll,
    Set<String> skip,
    Set<String> experimental,
    boolean findingsFail) {
  public static final Directives DEFAULT =
      new Directives('\\', null, false, Set.of(), Set.of(), false);

  public Directives {
    skip = Set.copyOf(skip);
    experimental = Set.copyOf(experimental);
  }
}
