package io.jcompose.engine;

import io.jcompose.core.BuildSpec;
import io.jcompose.core.Builds;
import io.jcompose.core.Images;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Progress;
import java.util.List;

/** Stands where the builder will: refuses each build, and has no cache. Stateless. */
final class NoBuilds implements Builds {
  @Override
  public List<Built> build(List<BuildSpec> specs, Progress progress) {
    throw new JcomposeException.NotSupported("there are no builds yet");
  }

  @Override
  public List<String> check(BuildSpec spec) {
    throw new JcomposeException.NotSupported("there are no builds yet");
  }

  @Override
  public List<CacheEntry> cache() {
    return List.of();
  }

  @Override
  public Images.Pruned prune(boolean all, long keepBytes) {
    return new Images.Pruned(List.of(), 0);
  }
}
