package io.jcompose.images.pull;

import io.jcompose.core.Digest;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.sync.KeyedLock;
import io.jcompose.images.layer.LayerFitting;
import io.jcompose.images.oci.Descriptor;
import io.jcompose.images.store.ContentStore;
import io.jcompose.images.store.Removal;
import io.jcompose.images.store.Snapshots;
import io.jcompose.images.store.StoredImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Sees to it that all layers of an image are unpacked: several at a time, largest first, each layer
 * only once for all pulls from a registry. Layers are independent of each other, but for
 * directories that a layer implies without describing them; those are fitted to the layers below in
 * a last pass, and such a layer on other layers is another snapshot. Thread-safe.
 */
final class LayerInstaller {
  private static final int ABORT_SECONDS = 60;

  private final ContentStore content;
  private final Snapshots snapshots;
  private final ReentrantLock fitting = new ReentrantLock();
  private final KeyedLock<String> layers = new KeyedLock<>(); // by registry and diffID

  LayerInstaller(ContentStore content, Snapshots snapshots) {
    this.content = content;
    this.snapshots = snapshots;
  }

  /**
   * The layers in place, bottom first.
   *
   * @param anythingNew false when all were there before
   */
  record Installed(List<StoredImage.Layer> layers, boolean anythingNew) {}

  /** A layer to bring. */
  private record Job(Descriptor blob, Digest diffId, PullProgress.Row row) {}

  /**
   * Brings the layers.
   *
   * @param lease holds the names of blobs and diffIDs, and takes those of further snapshots
   */
  Installed install(
      List<Descriptor> blobs,
      List<Digest> diffIds,
      LayerFetcher fetcher,
      Removal.Lease lease,
      PullProgress progress)
      throws IOException {
    Map<Digest, Job> jobs = new LinkedHashMap<>();
    for (int i = 0; i < blobs.size(); i++) {
      PullProgress.Row row = progress.layer(blobs.get(i).digest(), blobs.get(i).sizeBytes());
      jobs.putIfAbsent(diffIds.get(i), new Job(blobs.get(i), diffIds.get(i), row));
    }
    Map<Digest, LayerFetcher.Unpacked> waiting = new ConcurrentHashMap<>();
    try {
      boolean anythingNew = fetchAll(List.copyOf(jobs.values()), fetcher, waiting);
      List<StoredImage.Layer> placed = new ArrayList<>();
      for (Digest diffId : diffIds) {
        Job job = Objects.requireNonNull(jobs.get(diffId));
        placed.add(place(job, placed, fetcher, lease, waiting));
      }
      return new Installed(placed, anythingNew);
    } finally {
      // Also where all went well: another pull may have been faster with one of them.
      waiting.values().forEach(unpacked -> snapshots.delete(unpacked.work()));
    }
  }

  private boolean fetchAll(
      List<Job> jobs, LayerFetcher fetcher, Map<Digest, LayerFetcher.Unpacked> waiting)
      throws IOException {
    List<Job> missing = new ArrayList<>();
    for (Job job : jobs) {
      if (isThere(job)) {
        job.row.status("Already exists", job.blob.sizeBytes());
      } else {
        job.row.status("Pulling fs layer", 0);
        missing.add(job);
      }
    }
    if (!missing.isEmpty()) {
      missing.sort(Comparator.comparingLong((Job job) -> job.blob.sizeBytes()).reversed());
      fetchAtOnce(missing, fetcher, waiting);
    }
    return !missing.isEmpty();
  }

  private void fetchAtOnce(
      List<Job> missing, LayerFetcher fetcher, Map<Digest, LayerFetcher.Unpacked> waiting)
      throws IOException {
    int threads = Math.min(missing.size(), Runtime.getRuntime().availableProcessors() + 1);
    ExecutorService pool =
        Executors.newFixedThreadPool(
            threads, Thread.ofPlatform().name("pull-unpack-", 0).daemon().factory());
    try {
      ExecutorCompletionService<Boolean> done = new ExecutorCompletionService<>(pool);
      missing.forEach(job -> done.submit(() -> fetch(job, fetcher, waiting)));
      for (int i = 0; i < missing.size(); i++) {
        done.take().get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new JcomposeException.Cancelled("the pull was given up");
    } catch (ExecutionException e) {
      throw rethrow(Objects.requireNonNullElse(e.getCause(), e));
    } finally {
      fetcher.abort();
      pool.shutdownNow();
      awaitEnd(pool);
    }
  }

  private static RuntimeException rethrow(Throwable cause) throws IOException {
    return switch (cause) {
      case RuntimeException e -> e;
      case IOException e -> throw e;
      case Error e -> throw e;
      default -> new JcomposeException.Internal("pull failed", cause);
    };
  }

  private static void awaitEnd(ExecutorService pool) {
    boolean interrupted = Thread.interrupted();
    try {
      pool.awaitTermination(ABORT_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      interrupted = true;
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** The packed layer too: a push needs it, and a commit names it. */
  private boolean isThere(Job job) {
    return snapshots.exists(job.diffId.hex())
        && content.has(job.blob.digest(), job.blob.sizeBytes());
  }

  private Boolean fetch(Job job, LayerFetcher fetcher, Map<Digest, LayerFetcher.Unpacked> waiting)
      throws Exception {
    return layers.interruptibly(
        fetcher.registry() + " " + job.diffId,
        () -> {
          if (isThere(job)) {
            job.row.status("Already exists", job.blob.sizeBytes());
            return true;
          }
          bring(job, fetcher, waiting);
          job.row.status("Pull complete", job.blob.sizeBytes());
          return true;
        });
  }

  private void bring(Job job, LayerFetcher fetcher, Map<Digest, LayerFetcher.Unpacked> waiting)
      throws IOException, InterruptedException {
    if (snapshots.exists(job.diffId.hex())) {
      fetcher.fetchPacked(job.blob, job.row);
      return;
    }
    LayerFetcher.Unpacked unpacked = fetcher.fetch(job.blob, job.diffId, job.row);
    waiting.put(job.diffId, unpacked);
    if (!unpacked.result().needsFitting()) {
      if (publish(job, unpacked, unpacked.result().sizeBytes(), job.diffId.hex(), List.of())) {
        waiting.remove(job.diffId);
      }
    }
  }

  private StoredImage.Layer place(
      Job job,
      List<StoredImage.Layer> below,
      LayerFetcher fetcher,
      Removal.Lease lease,
      Map<Digest, LayerFetcher.Unpacked> waiting)
      throws IOException {
    List<String> chain =
        below.reversed().stream().map(StoredImage.Layer::snapshot).distinct().toList();
    String name = name(job, chain, lease);
    Optional<Snapshots.Details> present = snapshots.details(name);
    if (present.isPresent()) {
      return new StoredImage.Layer(job.diffId, name, present.get().sizeBytes());
    }
    LayerFetcher.Unpacked unpacked = waiting.get(job.diffId);
    if (unpacked == null) {
      unpacked = unpackAgain(job, fetcher);
      waiting.put(job.diffId, unpacked);
    }
    long sizeBytes = unpacked.result().sizeBytes();
    if (unpacked.result().needsFitting()) {
      List<Path> lower = chain.stream().map(snapshots::files).toList();
      sizeBytes += fit(unpacked.work().resolve("fs"), lower);
    }
    while (!publish(job, unpacked, sizeBytes, name, chain)) {
      // Another pull was faster, and may have fitted the layer to others than these.
      name = name(job, chain, lease);
      present = snapshots.details(name);
      if (present.isPresent()) {
        return new StoredImage.Layer(job.diffId, name, present.get().sizeBytes());
      }
    }
    waiting.remove(job.diffId);
    return new StoredImage.Layer(job.diffId, name, sizeBytes);
  }

  /** A layer's own name, or another one where that is taken by what is fitted to other layers. */
  private String name(Job job, List<String> chain, Removal.Lease lease) {
    String own = job.diffId.hex();
    if (snapshots.details(own).filter(details -> !fits(details, chain)).isEmpty()) {
      return own;
    }
    String chained = chainedName(own, chain);
    lease.add(List.of(chained));
    return chained;
  }

  private LayerFetcher.Unpacked unpackAgain(Job job, LayerFetcher fetcher) throws IOException {
    try {
      return fetcher.fetchStored(job.blob, job.diffId, job.row);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new JcomposeException.Cancelled("the pull was given up");
    }
  }

  /** One at a time, for the names of deep trees take memory. */
  private long fit(Path layer, List<Path> lower) {
    try {
      fitting.lockInterruptibly();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new JcomposeException.Cancelled("the pull was given up");
    }
    try {
      return LayerFitting.fit(layer, lower);
    } finally {
      fitting.unlock();
    }
  }

  private static boolean fits(Snapshots.Details details, List<String> chain) {
    return !details.fitted() || details.chain().equals(chain);
  }

  private static String chainedName(String diffId, List<String> chain) {
    String text = diffId + " " + String.join(" ", chain);
    return Digest.sha256(
            ContentStore.hash(new Digest("sha256", diffId))
                .digest(text.getBytes(StandardCharsets.US_ASCII)))
        .hex();
  }

  /**
   * @return false when another pull was faster with the name; what is there is complete
   */
  private boolean publish(
      Job job, LayerFetcher.Unpacked unpacked, long sizeBytes, String name, List<String> chain)
      throws IOException {
    boolean fitted = unpacked.result().needsFitting();
    Snapshots.Details details =
        new Snapshots.Details(sizeBytes, fitted, chain, Removal.currentBoot());
    if (!content.has(job.blob.digest(), job.blob.sizeBytes())) {
      throw new JcomposeException.Internal("layer " + job.blob.digest() + " vanished");
    }
    try {
      snapshots.publish(unpacked.work(), name, details);
      return true;
    } catch (FileSystemException e) {
      if (!snapshots.exists(name)) {
        throw e;
      }
      return false;
    }
  }
}
