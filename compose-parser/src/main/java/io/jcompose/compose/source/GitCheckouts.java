package io.jcompose.compose.source;

import io.jcompose.core.git.GitProgram;
import io.jcompose.core.git.GitReference;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/**
 * Working copies of git repositories, one a commit, kept under a cache folder. A copy is made
 * beside its place and renamed, so what is there is complete. Several processes may share the
 * folder. Calls block for as long as git takes, two minutes at most.
 */
final class GitCheckouts {
  private static final Duration LIMIT = Duration.ofMinutes(2);

  private final Path cache;
  private final GitProgram git;

  /**
   * @param environment what git sees: PATH, HOME, agents and proxies
   * @param protocols those that git may speak, separated by colons
   */
  GitCheckouts(Path cache, Map<String, String> environment, String protocols) {
    this.cache = cache;
    this.git = new GitProgram(environment, protocols, LIMIT);
  }

  /**
   * The folder with the reference's commit checked out.
   *
   * @throws io.jcompose.core.JcomposeException.NotFound when there is no such ref
   * @throws io.jcompose.core.JcomposeException.Unavailable when git is missing or fails
   */
  Path checkout(GitReference reference) {
    String commit = git.commit(reference);
    return new CacheFolder(cache)
        .of(commit, reference.remote(), folder -> git.fetch(reference, commit, folder));
  }
}
