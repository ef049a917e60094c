package io.jcompose.images.repository;

import io.jcompose.core.Digest;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.sync.FairShare;
import io.jcompose.core.sync.KeyedLock;
import io.jcompose.images.oci.Descriptor;
import io.jcompose.images.registry.ImageSource;
import io.jcompose.images.registry.RegistryClient;
import io.jcompose.images.store.ContentStore;
import io.jcompose.images.store.Removal;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What this engine's registry gives out of other registries: manifests and blobs that clients ask
 * for are fetched when they do, by the engine's own logins, and kept. A repository of another
 * registry has what that one has confirmed to it, whatever else the store has. Thread-safe.
 */
public final class Upstreams implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Upstreams.class);

  /** How long a failure is believed. */
  private static final Duration FAILURE_LIFE = Duration.ofSeconds(30);

  /**
   * Requests that wait for other registries at once, of one alone half of it; the registry answers
   * more than these.
   */
  private static final int MOST_WAITING = 480;

  private static final int MOST_QUESTIONS = 8;
  private static final int MOST_BLOBS = 6;
  private static final int TURN_SECONDS = 60;

  private final RepositoryRecords records;
  private final ContentStore content;
  private final RegistryClient client;
  private final Predicate<String> isOwn;
  private final FetchedManifests manifests;
  private final BlobFetches fetches;
  private final UpstreamAnswers answers = new UpstreamAnswers();
  private final KeyedLock<String> asking = new KeyedLock<>();
  private final FairShare waiting = new FairShare(MOST_WAITING);
  private volatile Map<String, Line> lines = Map.of(); // by their prefixes
  private volatile Duration life = Duration.ZERO;

  /**
   * @param isOwn tells this registry by {@code host[:port]}
   */
  Upstreams(
      Path imagesDir,
      ContentStore content,
      Removal removal,
      RepositoryRecords records,
      RegistryClient client,
      Predicate<String> isOwn) {
    this.isOwn = isOwn;
    this.records = records;
    this.content = content;
    this.client = client;
    FetchSpace space = new FetchSpace(imagesDir, removal, records);
    this.manifests = new FetchedManifests(imagesDir, content, removal, records, space);
    this.fetches = new BlobFetches(imagesDir, content, removal, records, space);
  }

  /** Another registry, and what may be asked of it at once. */
  private record Line(Upstream upstream, Turns questions, Turns blobs) {
    Line(Upstream upstream) {
      this(upstream, turns(MOST_QUESTIONS, upstream), turns(MOST_BLOBS, upstream));
    }

    private static Turns turns(int places, Upstream upstream) {
      return new Turns(places, TURN_SECONDS, "too many requests wait for " + upstream);
    }
  }

  /**
   * Says which registries are fetched from; none at first.
   *
   * @param life how long what a tag names is believed without asking
   */
  public void serve(Collection<Upstream> upstreams, Duration life) {
    Map<String, Line> now = new LinkedHashMap<>();
    upstreams.forEach(one -> now.put(one.prefix(), new Line(one)));
    this.life = life;
    lines = Map.copyOf(now);
  }

  /** Whose repository a name is, by its first part; empty for one of this registry. */
  public Optional<UpstreamName> find(RepositoryName name) {
    int slash = name.text().indexOf('/');
    return slash < 0
        ? Optional.empty()
        : Optional.ofNullable(lines.get(name.text().substring(0, slash)))
            .map(line -> UpstreamName.of(line.upstream, name.text().substring(slash + 1)));
  }

  /** A repository by what it is called at a registry; empty when that is not fetched from. */
  public Optional<UpstreamName> find(String host, RepositoryName path) {
    return lines.values().stream()
        .filter(line -> line.upstream.host().equals(host))
        .findFirst()
        .map(line -> UpstreamName.of(line.upstream, path.text()));
  }

  /**
   * A manifest.
   *
   * @param isStale its registry does not answer: it is what the tag named when it last did
   */
  public record Found(ServedManifest manifest, boolean isStale) {}

  /**
   * What a reference names there, fetched when it is not here. A tag is asked for when that was not
   * done lately.
   *
   * @throws JcomposeException.NotFound when that registry has none, or does not give it
   * @throws JcomposeException.Unavailable when it does not answer, and none was fetched before
   */
  public Found manifest(UpstreamName name, ManifestReference reference) {
    Optional<Found> known = believed(name, reference);
    if (known.isPresent()) {
      return known.get();
    }
    waitFor(name.upstream());
    try {
      return asking.interruptibly(
          name.name() + " " + reference,
          () -> {
            Optional<Found> meanwhile = believed(name, reference);
            return meanwhile.isPresent() ? meanwhile.get() : ask(name, reference);
          });
    } catch (RuntimeException e) {
      throw e;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new JcomposeException.Cancelled("it was given up");
    } catch (Exception e) {
      throw new JcomposeException.Internal("failed to ask " + name.upstream(), e);
    } finally {
      leave(name.upstream());
    }
  }

  private void waitFor(Upstream upstream) {
    if (!waiting.take(upstream.host(), 1)) {
      throw new JcomposeException.Unavailable("too many requests wait for " + upstream);
    }
  }

  private void leave(Upstream upstream) {
    waiting.give(upstream.host(), 1);
  }

  /** What needs no question: a digest that is here, or a tag that was asked for lately. */
  private Optional<Found> believed(UpstreamName name, ManifestReference reference) {
    Optional<ServedManifest> known = known(name, reference);
    if (known.isPresent() && reference instanceof ManifestReference.ByDigest) {
      return Optional.of(new Found(known.get(), false));
    }
    Optional<UpstreamAnswers.Answer> answer = answers.find(name.name(), reference);
    if (answer.isEmpty()) {
      return Optional.empty();
    }
    UpstreamAnswers.Failure failure = answer.get().failure();
    if (failure == null || (!failure.isGone() && known.isPresent())) {
      return known.map(one -> new Found(one, failure != null));
    }
    throw failure.told();
  }

  private Optional<ServedManifest> known(UpstreamName name, ManifestReference reference) {
    return records
        .find(name.name())
        .filter(Repository::isFetched)
        .flatMap(one -> one.find(reference))
        .filter(one -> content.size(one.digest()) >= 0);
  }

  private Found ask(UpstreamName name, ManifestReference reference) {
    Optional<ServedManifest> known = known(name, reference);
    try (Turns.Turn _ = line(name).questions.take()) {
      ImageSource source = source(name, reference, known.isPresent());
      ServedManifest manifest = manifests.fetch(name, reference, source);
      answers.put(name.name(), reference, life, null);
      return new Found(manifest, false);
    } catch (JcomposeException.Cancelled e) {
      throw e;
    } catch (JcomposeException e) {
      UpstreamAnswers.Failure failure = UpstreamAnswers.Failure.of(name, e);
      answers.put(name.name(), reference, shorter(FAILURE_LIFE, life), failure);
      if (failure.isGone()) {
        LOG.info("{}:{}: {}", name.name(), reference, e.getMessage());
        manifests.forget(name, reference);
        throw failure.told();
      }
      LOG.warn("{}:{}: {}", name.name(), reference, e.getMessage());
      return known.map(one -> new Found(one, true)).orElseThrow(failure::told);
    }
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  /** By the engine's own logins. */
  private ImageSource source(UpstreamName name, ManifestReference reference, boolean isBrief) {
    return client.source(name.image(reference), isOwn, isBrief);
  }

  private Line line(UpstreamName name) {
    Line line = lines.get(name.upstream().prefix());
    if (line == null) {
      throw new JcomposeException.NotFound(name.upstream() + " is not fetched from any more");
    }
    return line;
  }

  /**
   * The size of a blob that a manifest of the repository names; empty when none does.
   *
   * @return bytes, as the manifest says
   */
  public Optional<Long> sizeOf(UpstreamName name, Digest blob) {
    return named(name, blob).map(Descriptor::sizeBytes);
  }

  private Optional<Descriptor> named(UpstreamName name, Digest blob) {
    return records
        .find(name.name())
        .filter(Repository::isFetched)
        .flatMap(one -> one.descriptor(blob));
  }

  /**
   * Fetches a blob that the repository does not have yet, or reads along where that is under way.
   *
   * @return begun; empty when no manifest of the repository names it
   * @throws JcomposeException.NotFound when the other registry does not have it
   * @throws JcomposeException.Unavailable when it does not give it, or there is no room
   */
  public Optional<FetchedBlob> fetch(UpstreamName name, Digest digest) throws IOException {
    Optional<Descriptor> blob = named(name, digest);
    if (blob.isEmpty()) {
      return Optional.empty();
    }
    waitFor(name.upstream());
    try {
      ManifestReference reference = new ManifestReference.ByDigest(digest);
      BlobFetch fetch =
          fetches.join(name, blob.get(), line(name).blobs, () -> source(name, reference, false));
      FileChannel file = fetch.open();
      return Optional.of(new FetchedBlob(fetch, file, waiting, name.upstream().host()));
    } catch (JcomposeException e) { // the log says why
      throw UpstreamAnswers.Failure.of(name, e).told();
    } finally {
      leave(name.upstream());
    }
  }

  @Override
  public void close() {
    fetches.close();
  }
}
