package io.jcompose.build.solve;

import io.jcompose.build.StepRunner;
import io.jcompose.build.cause.BuildInputs;
import io.jcompose.build.cause.PastBuilds;
import io.jcompose.build.context.FileList;
import io.jcompose.build.context.KnownContents;
import io.jcompose.build.fetch.Fetcher;
import io.jcompose.core.ImageReference;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Progress;
import io.jcompose.core.build.BuildSpec;
import io.jcompose.core.build.Builds.Built;
import io.jcompose.core.sync.GivenUp;
import io.jcompose.core.sync.KeyedLock;
import io.jcompose.images.BuildLayers;
import io.jcompose.images.ImageStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Carries calls of builds out. Thread-safe. */
public final class Solver {
  private static final int AT_ONCE = 16;

  private final ImageStore images;
  private final Site site;

  /**
   * @param root a folder of the builder's own: cache mounts lie in {@code caches}, files that live
   *     as long as a step in {@code scratch}, what decided earlier steps in {@code inputs}
   */
  public Solver(ImageStore images, StepRunner runner, Path root, Fetcher fetcher) {
    this.images = images;
    this.site =
        new Site(
            images,
            runner,
            root.resolve("caches"),
            root.resolve("scratch"),
            fetcher,
            new KnownContents(),
            new PastBuilds(root.resolve("inputs")),
            new KeyedLock<>());
  }

  /** As {@link io.jcompose.core.build.Builds#build}. */
  public List<Built> build(List<Job> jobs, Progress progress, GivenUp givenUp) {
    List<BuildSpec> specs = jobs.stream().map(Job::spec).toList();
    specs.forEach(spec -> spec.tags().forEach(ImageReference::parse));
    requireNoCycle(specs);
    ExecutorService threads =
        Executors.newFixedThreadPool(
            AT_ONCE, Thread.ofPlatform().name("build-", 0).daemon().factory());
    try (BuildLayers layers = images.building();
        Caches caches = new Caches(images.stepCaches(), layers, progress, givenUp)) {
      Call call =
          new Call(
              site,
              layers,
              progress,
              givenUp,
              new HashMap<>(),
              Budget.ofHeap(),
              FileList.Room.ofHeap(),
              new ArrayList<>(),
              caches);
      boolean isWhole = false;
      try {
        caches.open(specs);
        List<Built> built = join(begin(call, jobs, threads), givenUp);
        isWhole = true;
        return built;
      } finally {
        end(threads);
        for (BuildInputs inputs : call.inputs()) {
          inputs.end(isWhole);
        }
      }
    }
  }

  /** The arguments that every build has. */
  public static Map<String, String> platforms(BuildSpec spec) {
    return OneBuild.platforms(spec);
  }

  /** Arguments that commands know without a declaration. */
  public static Set<String> undeclared() {
    return Scope.PROXIES;
  }

  /** Nothing is at work on layers when they are let go of. */
  private static void end(ExecutorService threads) {
    threads.shutdown();
    boolean interrupted = Thread.interrupted();
    boolean ended = false;
    while (!ended) {
      try {
        ended = threads.awaitTermination(1, TimeUnit.MINUTES);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private List<CompletableFuture<Built>> begin(Call call, List<Job> jobs, ExecutorService threads) {
    Map<String, CompletableFuture<ImageState>> results = call.results();
    jobs.forEach(job -> results.put(job.spec().name(), new CompletableFuture<>()));
    List<CompletableFuture<Built>> all = new ArrayList<>();
    for (Job job : jobs) {
      BuildSpec spec = job.spec();
      call.progress().report(Progress.Step.of(Call.row(spec), "Building"));
      CompletableFuture<OneBuild.Finished> made = started(call, job, threads);
      all.add(
          made.thenApply(finished -> named(call, spec, finished))
              .whenComplete((built, e) -> told(call, spec, built, e)));
      CompletableFuture<ImageState> result = Objects.requireNonNull(results.get(spec.name()));
      CompletableFuture<?> _ =
          made.whenComplete(
              (finished, e) -> {
                boolean _ =
                    e == null ? result.complete(finished.image()) : result.completeExceptionally(e);
              });
    }
    return all;
  }

  private static CompletableFuture<OneBuild.Finished> started(
      Call call, Job job, ExecutorService threads) {
    try {
      return new OneBuild(call, job).start(threads);
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private static Built named(Call call, BuildSpec spec, OneBuild.Finished finished) {
    ImageState image = finished.image().copy();
    if (!spec.labels().isEmpty()) {
      spec.labels().entrySet().stream()
          .sorted(Map.Entry.comparingByKey())
          .forEach(e -> image.config().withObject("/Labels").put(e.getKey(), e.getValue()));
    }
    call.caches().embed(spec, image);
    List<ImageReference> names = spec.tags().stream().map(ImageReference::parse).toList();
    String id =
        call.layers().image(image.layers(), image.document(), names, spec.output().annotations());
    call.caches().export(spec, image);
    return new Built(id, finished.cached());
  }

  /** What has no name is found by its id. */
  private static void told(
      Call call, BuildSpec spec, @Nullable Built built, @Nullable Throwable failure) {
    String id = built == null || !spec.tags().isEmpty() ? "" : built.imageId();
    String status = failure == null ? "Built" : "Error";
    call.progress().report(Progress.Step.of(Call.row(spec), status, id));
  }

  private static List<Built> join(List<CompletableFuture<Built>> all, GivenUp givenUp) {
    for (CompletableFuture<Built> one : all) {
      CompletableFuture<?> _ =
          one.whenComplete(
              (built, e) -> {
                if (e != null) {
                  givenUp.now(); // the others end soon
                }
              });
    }
    RuntimeException failure = null;
    List<Built> built = new ArrayList<>();
    for (CompletableFuture<Built> one : all) {
      try {
        built.add(one.get());
      } catch (java.util.concurrent.ExecutionException e) {
        RuntimeException cause = OneBuild.cause(new CompletionException(e.getCause()));
        if (failure == null || failure instanceof JcomposeException.Cancelled) {
          failure = cause;
        }
      } catch (InterruptedException e) {
        givenUp.now();
        Thread.currentThread().interrupt();
        failure = new JcomposeException.Cancelled("the build was given up");
        break;
      }
    }
    if (failure != null) {
      throw failure;
    }
    return built;
  }

  private static void requireNoCycle(List<BuildSpec> specs) {
    Map<String, BuildSpec> byName = new HashMap<>();
    for (BuildSpec spec : specs) {
      if (byName.put(spec.name(), spec) != null) {
        throw new JcomposeException.InvalidArgument("two builds are called " + spec.name());
      }
    }
    Set<String> done = new HashSet<>();
    for (BuildSpec spec : specs) {
      visit(spec, byName, new ArrayList<>(), done);
    }
  }

  private static void visit(
      BuildSpec spec, Map<String, BuildSpec> byName, List<String> path, Set<String> done) {
    if (path.contains(spec.name())) {
      path.add(spec.name());
      throw new JcomposeException.InvalidArgument(
          "builds need each other: " + String.join(" -> ", path));
    }
    if (done.contains(spec.name())) {
      return;
    }
    path.add(spec.name());
    for (String context : spec.contexts().values()) {
      if (context.startsWith("target:")) {
        BuildSpec other = byName.get(context.substring("target:".length()));
        if (other == null) {
          throw new JcomposeException.InvalidArgument(
              spec.name() + ": there is no build for the context " + context);
        }
        visit(other, byName, path, done);
      }
    }
    path.removeLast();
    done.add(spec.name());
  }
}
