package io.jcompose.images.repository;

import io.jcompose.core.Digest;
import io.jcompose.core.JcomposeException;
import io.jcompose.images.oci.Descriptor;
import io.jcompose.images.oci.MemoryBudget;
import io.jcompose.images.registry.RegistryClient;
import io.jcompose.images.store.ContentStore;
import io.jcompose.images.store.Removal;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What this engine's registry serves, over the content store that images have: a blob that both
 * have is there once. A manifest keeps its blobs; what no manifest names goes a day after its
 * upload, and at once when its manifest is deleted. Thread-safe.
 */
public final class Repositories implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Repositories.class);

  private final ContentStore content;
  private final Removal removal;
  private final RepositoryRecords records;
  private final ManifestIntake intake;
  private final Uploads uploads;
  private final Upstreams upstreams;
  private volatile Set<String> domains = Set.of();

  /**
   * @param client asks other registries for what is fetched through this one
   */
  public Repositories(
      Path imagesDir,
      ContentStore content,
      Removal removal,
      RepositoryRecords records,
      MemoryBudget budget,
      RegistryClient client) {
    this.content = content;
    this.removal = removal;
    this.records = records;
    this.intake = new ManifestIntake(imagesDir, content, removal, records, budget);
    this.uploads = new Uploads(content, new SecureRandom());
    this.upstreams = new Upstreams(imagesDir, content, removal, records, client, this::isServedAs);
  }

  /** What is given out of other registries. */
  public Upstreams upstreams() {
    return upstreams;
  }

  /** By name. */
  public Collection<Repository> all() {
    return records.all();
  }

  public Optional<Repository> find(RepositoryName name) {
    return records.find(name);
  }

  /** Under which names clients on this host reach the registry, {@code localhost:5000}. */
  public void servedAs(Set<String> hosts) {
    domains = Set.copyOf(hosts);
  }

  /** True when a registry's name is this engine's own, so that a push to it is a link. */
  public boolean isServedAs(String domain) {
    return domains.contains(domain);
  }

  /** True when the repository has the blob, and it is here. */
  public boolean has(RepositoryName name, Digest blob) {
    return records.has(name, blob) && content.size(blob) >= 0;
  }

  /** Opens a blob or manifest of the store, whatever repository has it; empty when it is gone. */
  public Optional<ServedBlob> open(Digest digest) {
    try {
      FileChannel file =
          FileChannel.open(
              content.blob(digest), StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
      return Optional.of(new ServedBlob(digest, file, file.size()));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException("failed to open blob " + digest, e);
    }
  }

  /**
   * What a manifest of the store says; empty when it is gone or damaged. One large document at a
   * time is in memory, and it is parsed while it is.
   */
  public <T> Optional<T> document(Digest digest, Function<byte[], T> parse) {
    return content.load(digest, parse);
  }

  /**
   * Begins an upload.
   *
   * @param client who begins it: one alone gets half of the places
   * @throws JcomposeException.Unavailable when there are too many
   */
  public Upload begin(RepositoryName name, String client) throws IOException {
    return uploads.begin(name, client);
  }

  /**
   * An upload under way.
   *
   * @throws JcomposeException.NotFound for none of that id and repository
   */
  public Upload upload(RepositoryName name, String id) {
    return uploads.find(name, id);
  }

  /** Ends an upload without a result. */
  public void cancel(Upload upload) {
    uploads.end(upload);
  }

  /**
   * Makes an upload, in its turn, a blob of its repository.
   *
   * @throws JcomposeException.Corrupt when it has another digest; the upload is ended then
   */
  public void finish(Upload upload, Digest digest) throws IOException {
    try (Removal.Lease lease = removal.lease()) {
      if (!upload.isComplete(digest)) {
        throw new JcomposeException.Corrupt(
            "the %d bytes that came do not have digest %s".formatted(upload.size(), digest));
      }
      lease.add(digest);
      upload.publish(digest);
      records.link(upload.repository(), digest);
    } finally {
      uploads.end(upload);
    }
  }

  /**
   * Gives a repository a blob that another one has.
   *
   * @param from null looks through all
   * @return false when there is none
   */
  public boolean mount(RepositoryName name, Digest blob, Optional<RepositoryName> from) {
    try (Removal.Lease lease = removal.lease()) {
      lease.add(blob);
      boolean found =
          from.map(one -> records.has(one, blob)).orElseGet(() -> records.holder(blob) != null);
      if (found && content.size(blob) >= 0) {
        records.link(name, blob);
        return true;
      }
      return false;
    }
  }

  /** Takes a blob away from a repository; false when it does not have it. */
  public boolean unlink(RepositoryName name, Digest blob) {
    boolean had = has(name, blob);
    records.unlink(name, blob);
    removal.removeUnowned(List.of(blob));
    return had;
  }

  /**
   * Takes a manifest in; as {@link ManifestIntake#push}.
   *
   * @throws MissingContent when something that it names is not there
   */
  public ServedManifest push(Pushing pushing, InputStream in) throws IOException, MissingContent {
    return intake.push(pushing, in);
  }

  /** Takes in an image of the store; as {@link ManifestIntake#link}. */
  public void link(RepositoryName name, String tag, Descriptor manifest) {
    Optional<UpstreamName> upstream = upstreams.find(name);
    if (upstream.isPresent()) {
      throw new JcomposeException.InvalidArgument(upstream.get().pushRefusal());
    }
    intake.link(name, tag, manifest);
  }

  /** Remembers that a manifest was pulled, once a day. */
  public void used(RepositoryName name, ServedManifest manifest) {
    Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    if (manifest.usedAt().plus(Duration.ofDays(1)).isBefore(now)) {
      records.change(
          name,
          before -> {
            ServedManifest one = before.manifests().get(manifest.digest());
            return one == null ? before : before.with(one.usedOn(now), List.of());
          });
    }
  }

  /** Deletes a tag, or a manifest with all of its tags; false when it is not there. */
  public boolean delete(RepositoryName name, ManifestReference reference) {
    Set<Digest> blobs = new HashSet<>();
    boolean[] found = {false};
    records.change(
        name,
        before -> {
          Optional<ServedManifest> manifest = before.find(reference);
          found[0] = manifest.isPresent();
          if (manifest.isEmpty()) {
            return before;
          }
          if (reference instanceof ManifestReference.Tag(String tag)) {
            return before.withoutTag(tag);
          }
          blobs.addAll(contentOf(manifest.get()));
          return before.without(Set.of(manifest.get().digest()));
        });
    if (found[0]) {
      LOG.info("{}:{} deleted", name, reference);
      removal.removeUnowned(blobs);
    }
    return found[0];
  }

  /** Deletes a whole repository; false when there is none. */
  public boolean delete(RepositoryName name) {
    Set<Digest> blobs = new HashSet<>();
    records.change(
        name,
        before -> {
          before.manifests().values().forEach(one -> blobs.addAll(contentOf(one)));
          return before.without(before.manifests().keySet());
        });
    removal.removeUnowned(blobs);
    return !blobs.isEmpty();
  }

  private static Set<Digest> contentOf(ServedManifest manifest) {
    Set<Digest> digests = new HashSet<>(Set.of(manifest.digest()));
    manifest.blobs().forEach(blob -> digests.add(blob.digest()));
    return digests;
  }

  /**
   * Ends uploads that nobody sends to, and takes away manifests that no tag or index keeps.
   *
   * @param isOld of these, which may go; of what was fetched, all of which may
   * @return how many manifests went
   */
  public int collect(BiPredicate<Repository, ServedManifest> isOld) {
    uploads.expire();
    removal.removeUnowned(records.expireLinks());
    int count = 0;
    for (Repository repository : records.all()) {
      Set<Digest> blobs = new HashSet<>();
      Set<Digest> gone = new HashSet<>();
      records.change(
          repository.name(),
          before -> {
            gone.addAll(before.unkept(one -> isOld.test(before, one)));
            before.manifests().values().stream()
                .filter(one -> gone.contains(one.digest()))
                .forEach(one -> blobs.addAll(contentOf(one)));
            return before.without(gone);
          });
      if (!gone.isEmpty()) {
        LOG.info("{}: {} manifests removed that nobody used", repository.name(), gone.size());
        removal.removeUnowned(blobs);
        count += gone.size();
      }
    }
    return count;
  }

  /** Ends what is being fetched. */
  @Override
  public void close() {
    upstreams.close();
  }

  /** Uploads under way. */
  public int uploads() {
    return uploads.size();
  }
}
