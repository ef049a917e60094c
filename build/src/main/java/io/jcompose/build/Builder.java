package io.jcompose.build;

import io.jcompose.build.context.Scratch;
import io.jcompose.build.dockerfile.Dockerfile;
import io.jcompose.build.fetch.Contexts;
import io.jcompose.build.fetch.Fetcher;
import io.jcompose.build.fetch.ReceivedContext;
import io.jcompose.build.fetch.SentTrees;
import io.jcompose.build.solve.Job;
import io.jcompose.build.solve.Solver;
import io.jcompose.core.Images;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Progress;
import io.jcompose.core.build.BuildSpec;
import io.jcompose.core.build.Builds;
import io.jcompose.core.build.ImageFiles;
import io.jcompose.core.build.SentFolder;
import io.jcompose.core.file.FileTrees;
import io.jcompose.core.sync.GivenUp;
import io.jcompose.images.BuildLayers;
import io.jcompose.images.ImageStore;
import io.jcompose.images.archive.TarWriter;
import io.jcompose.images.archive.TreeReader;
import io.jcompose.linux.file.DirectoryFd;
import io.jcompose.linux.mount.UnionView;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Builds images of Dockerfiles in an engine's store. Thread-safe; the engine closes it. */
public final class Builder implements Builds, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Builder.class);

  /** What callers have sent may have this part of what steps may have. */
  private static final int SENT_PART = 4;

  private static final long END_SECONDS = 5;

  private final ImageStore images;
  private final StepRunner runner;
  private final Fetcher fetcher;
  private final Solver solver;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition ended = lock.newCondition();
  private final Set<GivenUp> wanted = new HashSet<>(); // guarded by the lock, as what follows
  private int underWay;
  private boolean isClosed;
  private final Path root;
  private final long cacheBytes;
  private final SentTrees sent;

  /**
   * @param root a folder of the builder's own, on the layers' file system
   * @param runner runs the commands of RUN
   */
  public Builder(ImageStore images, Path root, StepRunner runner) {
    this.images = images;
    this.root = root;
    this.runner = runner;
    this.fetcher = new Fetcher(images.web(), System.getenv());
    this.solver = new Solver(images, runner, root, fetcher);
    this.cacheBytes = cacheBytes(root);
    this.sent = new SentTrees(scratchPlace(), cacheBytes / SENT_PART);
  }

  /**
   * Takes away what an engine that was killed left of builds; trees of many files go in the
   * background. Called once, before the first build and when no command of that engine's runs any
   * more.
   */
  public void recover() {
    try {
      runner.rest();
    } catch (JcomposeException e) {
      LOG.warn("failed to remove what builds had; the end of the next build tries again", e);
    }
    removeLeftovers();
  }

  private void removeLeftovers() {
    List<String> names = new ArrayList<>();
    for (String folder : List.of("scratch", "caches")) {
      try (Stream<Path> all = Files.list(root.resolve(folder))) {
        all.map(path -> folder + "/" + path.getFileName())
            .filter(name -> !name.startsWith("caches/") || name.startsWith("caches/.new-"))
            .forEach(names::add);
      } catch (IOException e) {
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
    try {
      Scratch.remove(tree);
    } catch (RuntimeException e) {
      LOG.warn("failed to remove {}, the next start tries again", tree, e);
    }
  }

  /** A tenth of the disk, and 20 GB at most. */
  private static long cacheBytes(Path root) {
    try {
      Files.createDirectories(root);
      return Math.min(Files.getFileStore(root).getTotalSpace() / 10, 20_000_000_000L);
    } catch (IOException e) {
      return 20_000_000_000L;
    }
  }

  @Override
  public List<Built> build(List<BuildSpec> specs, Progress progress) {
    GivenUp givenUp = new GivenUp("the build");
    progress.onGone(givenUp::now);
    begin(givenUp);
    try (KeyAgents agents = new KeyAgents(scratchPlace());
        Contexts contexts = contexts(givenUp)) {
      List<BuildSpec> given = specs.stream().map(agents::with).toList();
      List<BuildSpec> local = given.stream().map(contexts::local).toList();
      List<Dockerfile> files = BuildFiles.of(local, scratchPlace());
      List<Job> jobs = new ArrayList<>();
      for (int i = 0; i < local.size(); i++) {
        new Advice(local.get(i), files.get(i)).tell(progress);
        jobs.add(new Job(given.get(i), local.get(i), files.get(i)));
      }
      return solver.build(jobs, progress, givenUp);
    } finally {
      boolean interrupted = Thread.interrupted(); // which is no matter of what is put in order
      Images.Pruned _ = images.pruneSteps(cacheBytes, step -> true);
      end(givenUp);
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private Path scratchPlace() {
    return root.resolve("scratch");
  }

  private Contexts contexts(GivenUp givenUp) {
    return new Contexts(fetcher, scratchPlace(), givenUp);
  }

  @Override
  public Received receive(InputStream content) {
    return ReceivedContext.of(content, scratchPlace());
  }

  @Override
  public SentFolder receiveFolder(String key) {
    return sent.open(key);
  }

  private void begin(GivenUp givenUp) {
    lock.lock();
    try {
      if (isClosed) {
        throw new JcomposeException.Unavailable("the engine is about to end");
      }
      underWay++;
      wanted.add(givenUp);
    } finally {
      lock.unlock();
    }
  }

  private void end(GivenUp givenUp) {
    lock.lock();
    try {
      wanted.remove(givenUp);
      if (--underWay == 0) {
        runner.rest();
        ended.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Gives all builds up: a step would go on without anybody who takes its result. Blocks until they
   * have ended, for some seconds at most; the next start ends what is left.
   */
  @Override
  public void close() {
    List<GivenUp> all;
    lock.lock();
    try {
      isClosed = true;
      all = List.copyOf(wanted);
    } finally {
      lock.unlock();
    }
    all.forEach(GivenUp::now);
    lock.lock();
    try {
      long left = TimeUnit.SECONDS.toNanos(END_SECONDS);
      while (underWay > 0 && left > 0) {
        left = ended.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public List<String> check(BuildSpec spec) {
    try (KeyAgents agents = new KeyAgents(scratchPlace());
        Contexts contexts = contexts(new GivenUp("the check"))) {
      BuildSpec local = contexts.local(agents.with(spec));
      return new Advice(local, BuildFiles.of(List.of(local), scratchPlace()).getFirst()).lines();
    }
  }

  @Override
  public void export(String imageId, OutputStream tar) throws IOException {
    try (BuildLayers layers = images.building();
        UnionView view = UnionView.open(layers.lower(layers.base(imageId).layers()));
        DirectoryFd files = view.root()) {
      TarWriter writer = new TarWriter(tar);
      new TreeReader(writer).children(files, "");
      writer.finish();
    }
  }

  @Override
  public ImageFiles files(String imageId) {
    return new ViewedFiles(images.building(), imageId);
  }

  @Override
  public List<CacheEntry> cache() {
    return images.steps();
  }

  @Override
  public Images.Pruned prune(Prune what) {
    Images.Pruned steps = images.pruneSteps(what.keepBytes(), what.steps());
    if (!what.caches()) {
      return steps;
    }
    long bytes = sent.prune();
    Path retired = retiredCaches();
    if (retired != null) {
      bytes += FileTrees.bytes(retired);
      remove(retired);
    }
    return new Images.Pruned(steps.removed(), steps.reclaimedBytes() + bytes);
  }

  /**
   * Takes all caches out of use, to where the next start removes what is left of them; null when a
   * build may have one, or there is none.
   */
  private @Nullable Path retiredCaches() {
    lock.lock();
    try {
      Path caches = root.resolve("caches");
      if (underWay > 0 || !Files.exists(caches)) {
        return null;
      }
      Path retired = Files.createTempDirectory(scratch(), "caches-");
      Files.move(caches, retired, StandardCopyOption.ATOMIC_MOVE); // over an empty directory
      return retired;
    } catch (IOException e) {
      throw new UncheckedIOException("failed to remove the caches of builds", e);
    } finally {
      lock.unlock();
    }
  }

  private Path scratch() throws IOException {
    return Files.createDirectories(scratchPlace());
  }
}
