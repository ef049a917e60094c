package io.jcompose.scheduler;

import io.jcompose.core.Images;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Progress;
import io.jcompose.core.build.BuildSpec;
import io.jcompose.core.build.Builds;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * The builds of a {@link FakeEngine}: each makes an image of another id; one whose name has {@code
 * broken} in it fails.
 */
final class FakeBuilds implements Builds {
  private final FakeEngine engine;

  FakeBuilds(FakeEngine engine) {
    this.engine = engine;
  }

  @Override
  public List<Built> build(List<BuildSpec> specs, Progress progress) {
    engine.changing("build " + String.join(" ", specs.stream().map(BuildSpec::name).toList()));
    List<Built> built = new ArrayList<>();
    for (BuildSpec spec : specs) {
      if (spec.name().contains("broken")) {
        throw new JcomposeException.Conflict("Dockerfile:2: RUN false: exit code: 1");
      }
      built.add(built(spec));
    }
    return built;
  }

  private Built built(BuildSpec spec) {
    synchronized (engine) {
      engine.built.add(spec);
      String id = "sha256:%064x".formatted(0xb0000 + engine.built.size());
      spec.tags().forEach(tag -> engine.image(tag, id));
      return new Built(id, false);
    }
  }

  @Override
  public List<String> check(BuildSpec spec) {
    return List.of();
  }

  @Override
  public void export(String imageId, OutputStream tar) {
    throw new UnsupportedOperationException();
  }

  @Override
  public List<CacheEntry> cache() {
    return List.of();
  }

  @Override
  public io.jcompose.core.build.SentFolder receiveFolder(String key) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Received receive(InputStream content) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Images.Pruned prune(Prune what) {
    return new Images.Pruned(List.of(), 0);
  }
}
