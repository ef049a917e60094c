package io.jcompose.build;

import io.jcompose.build.context.Context;
import io.jcompose.build.dockerfile.Dockerfile;
import io.jcompose.build.dockerfile.DockerfileException;
import io.jcompose.build.ignore.IgnoreFile;
import io.jcompose.build.lint.Lint;
import io.jcompose.build.lint.LintInput;
import io.jcompose.build.solve.Solver;
import io.jcompose.core.BuildSpec;
import io.jcompose.core.Builds;
import io.jcompose.core.Images;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Progress;
import io.jcompose.core.file.FileTrees;
import io.jcompose.core.sync.KeyedLock;
import io.jcompose.images.ImageStore;
import io.jcompose.linux.KernelException;
import io.jcompose.linux.file.DirectoryFd;
import io.jcompose.linux.file.ForeignFile;
import io.jcompose.linux.file.TreeRemoval;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import jnr.constants.platform.Errno;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Builds images of Dockerfiles in an engine's store. Thread-safe. */
public final class Builder implements Builds {
  private static final Logger LOG = LoggerFactory.getLogger(Builder.class);
  private static final int DOCKERFILE_LIMIT = 4 << 20;

  private final ImageStore images;
  private final StepRunner runner;
  private final Solver solver;
  private final AtomicInteger underWay = new AtomicInteger();
  private final Path root;
  private final long cacheBytes;

  /**
   * @param root a folder of the builder's own, on the layers' file system
   * @param runner runs the commands of RUN
   */
  public Builder(ImageStore images, Path root, StepRunner runner) {
    this.images = images;
    this.root = root;
    this.runner = runner;
    this.solver =
        new Solver(
            images, runner, root.resolve("caches"), root.resolve("scratch"), new KeyedLock<>());
    this.cacheBytes = cacheBytes(root);
    removeLeftovers();
  }

  /** What a crash left of steps; trees of many files go in the background. */
  private void removeLeftovers() {
    List<String> names = new ArrayList<>();
    for (String folder : List.of("scratch", "caches")) {
      try (Stream<Path> all = Files.list(root.resolve(folder))) {
        all.map(path -> folder + "/" + path.getFileName())
            .filter(name -> !name.startsWith("caches/") || name.startsWith("caches/.new-"))
            .forEach(names::add);
      } catch (java.io.IOException e) {
        LOG.debug("there were no builds yet", e);
      }
    }
    if (!names.isEmpty()) {
      Thread.ofPlatform()
          .name("build-sweep")
          .daemon()
          .start(() -> names.forEach(name -> remove(root.resolve(name))));
    }
  }

  private static void remove(Path tree) {
    try (DirectoryFd parent = DirectoryFd.open(tree.resolveSibling("."))) {
      TreeRemoval.remove(
          parent, String.valueOf(tree.getFileName()).getBytes(StandardCharsets.UTF_8));
    } catch (RuntimeException e) {
      LOG.warn("failed to remove {}, the next start tries again", tree, e);
    }
  }

  /** A tenth of the disk, and 20 GB at most. */
  private static long cacheBytes(Path root) {
    try {
      Files.createDirectories(root);
      return Math.min(Files.getFileStore(root).getTotalSpace() / 10, 20_000_000_000L);
    } catch (java.io.IOException e) {
      return 20_000_000_000L;
    }
  }

  @Override
  public List<Built> build(List<BuildSpec> specs, Progress progress) {
    List<Dockerfile> files = new ArrayList<>();
    for (BuildSpec spec : specs) {
      files.add(dockerfile(spec));
    }
    underWay.incrementAndGet();
    try {
      return solver.build(specs, files, progress);
    } finally {
      Images.Pruned _ = images.pruneSteps(cacheBytes);
      if (underWay.decrementAndGet() == 0) {
        runner.rest();
      }
    }
  }

  private static Dockerfile dockerfile(BuildSpec spec) {
    String name = spec.dockerfile().isEmpty() ? "Dockerfile" : spec.dockerfile();
    byte[] content =
        spec.dockerfileText() != null
            ? spec.dockerfileText().getBytes(StandardCharsets.UTF_8)
            : content(spec, name);
    try {
      return Dockerfile.parse(content, name);
    } catch (DockerfileException e) {
      throw e.toError(new String(content, StandardCharsets.UTF_8).lines().toList());
    }
  }

  private static byte[] content(BuildSpec spec, String name) {
    if (!spec.context().isEmpty() && !spec.context().startsWith("/")) {
      throw new JcomposeException.NotSupported(
          "the build context "
              + spec.context()
              + ": only folders of the engine's host are read yet; clone it, and build the folder");
    }
    Path file = Path.of(spec.context().isEmpty() ? "/" : spec.context()).resolve(name);
    try {
      return ForeignFile.content(file, DOCKERFILE_LIMIT);
    } catch (KernelException e) {
      if (e.is(Errno.ENOENT) || e.is(Errno.ENOTDIR)) {
        throw new JcomposeException.NotFound(
            "failed to read dockerfile: " + file + ": no such file or directory");
      }
      throw new JcomposeException.InvalidArgument(
          "failed to read dockerfile: " + file + ": " + e.getMessage(), e);
    }
  }

  @Override
  public List<String> check(BuildSpec spec) {
    Dockerfile file = dockerfile(spec);
    LintInput input =
        new LintInput(
            spec.args(),
            Solver.platforms(spec),
            spec.context().startsWith("/")
                ? Context.ignored(Path.of(spec.context()), file.name())
                : IgnoreFile.NONE,
            Map.of());
    return Lint.check(file, input).stream().map(found -> found.line(file.name())).toList();
  }

  @Override
  public List<CacheEntry> cache() {
    return images.steps();
  }

  @Override
  public Images.Pruned prune(boolean all, long keepBytes) {
    Images.Pruned steps = images.pruneSteps(all ? 0 : keepBytes);
    if (!all || underWay.get() > 0) {
      return steps;
    }
    Path caches = root.resolve("caches");
    long bytes = FileTrees.bytes(caches);
    if (Files.exists(caches)) {
      remove(caches);
    }
    return new Images.Pruned(steps.removed(), steps.reclaimedBytes() + bytes);
  }
}
