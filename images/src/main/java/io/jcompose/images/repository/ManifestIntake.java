package io.jcompose.images.repository;

import io.jcompose.core.Digest;
import io.jcompose.core.JcomposeException;
import io.jcompose.images.oci.Descriptor;
import io.jcompose.images.oci.MemoryBudget;
import io.jcompose.images.store.ContentStore;
import io.jcompose.images.store.DiskSpace;
import io.jcompose.images.store.Removal;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes manifests in: pushed by clients, and of the store itself. Thread-safe. */
final class ManifestIntake {
  private static final Logger LOG = LoggerFactory.getLogger(ManifestIntake.class);

  private final Path imagesDir;
  private final ContentStore content;
  private final Removal removal;
  private final RepositoryRecords records;
  private final MemoryBudget budget;

  ManifestIntake(
      Path imagesDir,
      ContentStore content,
      Removal removal,
      RepositoryRecords records,
      MemoryBudget budget) {
    this.imagesDir = imagesDir;
    this.content = content;
    this.removal = removal;
    this.records = records;
    this.budget = budget;
  }

  /**
   * Takes a manifest in, on the disk for sure with all that it names.
   *
   * @param in at most {@link MemoryBudget#DOCUMENT_LIMIT} bytes
   * @throws JcomposeException.Corrupt for what is no manifest, or not of the digest that names it
   * @throws MissingContent when something that it names is not there; its subject need not be
   */
  ServedManifest push(Pushing pushing, InputStream in) throws IOException, MissingContent {
    try (ContentStore.Scratch scratch = content.scratch();
        Removal.Lease lease = removal.lease()) {
      long size = DocumentFile.receive(in, scratch.file());
      try (MemoryBudget.Share _ = budget.document(size)) {
        byte[] document = DocumentFile.read(scratch.file(), size);
        Digest digest =
            pushing.reference() instanceof ManifestReference.ByDigest(Digest given)
                ? given
                : ContentStore.digestOf(document);
        if (!digest.isOf(document)) {
          throw new JcomposeException.Corrupt("the manifest does not have digest " + digest);
        }
        ManifestFacts facts = ManifestFacts.of(document, pushing.contentType());
        lease.add(digest);
        return record(
            pushing,
            new Descriptor(facts.mediaType(), digest, size),
            facts,
            () -> scratch.publish(digest));
      }
    } catch (UncheckedIOException e) {
      throw DiskSpace.explain(e, imagesDir, "taking a manifest");
    }
  }

  /** Gives a document its name as a blob. */
  private interface Publication {
    void run() throws IOException;
  }

  /**
   * Takes in an image of the store, whose blobs and manifest are leased, on the disk for sure.
   *
   * @throws JcomposeException.Corrupt when something of it is gone
   */
  void link(RepositoryName name, String tag, Descriptor manifest) {
    ManifestFacts facts =
        content
            .load(manifest.digest(), text -> ManifestFacts.of(text, manifest.mediaType()))
            .orElseThrow(
                () -> new JcomposeException.Corrupt("manifest " + manifest.digest() + " vanished"));
    List<Descriptor> all = new ArrayList<>(facts.blobs());
    all.add(manifest);
    for (Descriptor blob : all) {
      DocumentFile.sync(content.blob(blob.digest())); // a pull may not have got to it yet
      records.link(name, blob.digest());
    }
    Pushing pushing = new Pushing(name, new ManifestReference.Tag(tag), List.of(), "");
    try {
      ServedManifest ignored = record(pushing, manifest, facts, () -> {});
    } catch (MissingContent e) {
      throw new JcomposeException.Corrupt(
          "something of image %s is not in the store: %s".formatted(name, e.getMessage()), e);
    }
  }

  private ServedManifest record(
      Pushing pushing, Descriptor descriptor, ManifestFacts facts, Publication publication)
      throws MissingContent {
    List<Digest> missing = new ArrayList<>();
    Repository after =
        records.change(
            pushing.name(),
            before -> {
              requirePushed(before);
              missing.addAll(missing(before, facts));
              if (!missing.isEmpty()) {
                return before;
              }
              publish(publication, descriptor.digest(), facts);
              return before.with(manifest(before.name(), descriptor, facts), tags(pushing));
            });
    if (!missing.isEmpty()) {
      throw new MissingContent(missing);
    }
    LOG.info("{}:{} pushed: {}", pushing.name(), pushing.reference(), descriptor.digest());
    return Objects.requireNonNull(after.manifests().get(descriptor.digest()));
  }

  private static void requirePushed(Repository repository) {
    if (repository.isFetched()) {
      throw new JcomposeException.Conflict(
          "repository %s was fetched from another registry; push to another name, or remove it: jcompose registry rm %s"
              .formatted(repository.name(), repository.name()));
    }
  }

  private void publish(Publication publication, Digest digest, ManifestFacts facts) {
    try {
      publication.run();
    } catch (IOException e) {
      throw new UncheckedIOException("failed to keep manifest " + digest, e);
    }
    Map<String, Digest> oneEach = new HashMap<>(Map.of(digest.algorithm(), digest));
    facts.blobs().forEach(blob -> oneEach.put(blob.digest().algorithm(), blob.digest()));
    oneEach.values().forEach(one -> DocumentFile.syncDirectory(content.blob(one)));
  }

  private static List<String> tags(Pushing pushing) {
    List<String> tags = new ArrayList<>(pushing.tags());
    if (pushing.reference() instanceof ManifestReference.Tag(String tag)) {
      tags.add(tag);
    }
    return tags;
  }

  private List<Digest> missing(Repository repository, ManifestFacts facts) {
    List<Digest> missing = new ArrayList<>();
    for (Descriptor blob : facts.blobs()) {
      if (!records.has(repository.name(), blob.digest()) || content.size(blob.digest()) < 0) {
        missing.add(blob.digest());
      }
    }
    for (Descriptor child : facts.manifests()) {
      if (!repository.manifests().containsKey(child.digest())) {
        missing.add(child.digest());
      }
    }
    return missing;
  }

  /**
   * A record gives its repository the right to what it names, so that it names only what the
   * repository has: of layers that may be elsewhere those that were uploaded.
   */
  private ServedManifest manifest(RepositoryName name, Descriptor descriptor, ManifestFacts facts) {
    List<Descriptor> blobs = new ArrayList<>(facts.blobs());
    facts.elsewhere().stream()
        .filter(layer -> records.has(name, layer.digest()))
        .forEach(blobs::add);
    Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    return new ServedManifest(
        descriptor,
        blobs.stream().distinct().toList(),
        facts.manifests().stream().map(Descriptor::digest).distinct().toList(),
        facts.subject(),
        facts.artifactType(),
        now,
        now);
  }
}
