package io.jcompose.images.repository;

import io.jcompose.core.Digest;
import io.jcompose.core.JcomposeException;
import io.jcompose.images.oci.Descriptor;
import io.jcompose.images.registry.ImageSource;
import io.jcompose.images.store.ContentStore;
import io.jcompose.images.store.DiskSpace;
import io.jcompose.images.store.Removal;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings manifests of other registries, byte for byte, into records of their own. Thread-safe. */
final class FetchedManifests {
  private static final Logger LOG = LoggerFactory.getLogger(FetchedManifests.class);

  private final Path imagesDir;
  private final ContentStore content;
  private final Removal removal;
  private final RepositoryRecords records;
  private final FetchSpace space;

  FetchedManifests(
      Path imagesDir,
      ContentStore content,
      Removal removal,
      RepositoryRecords records,
      FetchSpace space) {
    this.imagesDir = imagesDir;
    this.content = content;
    this.removal = removal;
    this.records = records;
    this.space = space;
  }

  /**
   * Asks what the reference names now, and fetches it when it is not here.
   *
   * @throws JcomposeException.NotFound when there is none
   * @throws JcomposeException.Unavailable for any other failure
   */
  ServedManifest fetch(UpstreamName name, ManifestReference reference, ImageSource source) {
    try {
      return switch (reference) {
        case ManifestReference.Tag(String tag) -> tagged(name, tag, source);
        case ManifestReference.ByDigest(Digest digest) -> {
          try (ImageSource.Document document = source.manifest(digest)) {
            yield keep(name, List.of(), document);
          }
        }
      };
    } catch (JcomposeException.Corrupt e) {
      throw new JcomposeException.Unavailable(
          "%s sent what cannot be used: %s".formatted(name.upstream(), e.getMessage()), e);
    } catch (IOException e) {
      throw DiskSpace.explain(new UncheckedIOException(e), imagesDir, "fetching a manifest");
    } catch (UncheckedIOException e) {
      throw DiskSpace.explain(e, imagesDir, "fetching a manifest");
    }
  }

  private ServedManifest tagged(UpstreamName name, String tag, ImageSource source)
      throws IOException {
    Digest digest;
    try (ImageSource.Document document = source.resolve()) {
      if (document.body() != null) {
        return keep(name, List.of(tag), document);
      }
      digest = document.descriptor().digest();
    }
    Optional<ServedManifest> here = here(name, digest);
    if (here.isPresent()) {
      return named(name, here.get(), List.of(tag));
    }
    try (ImageSource.Document document = source.manifest(digest)) {
      return keep(name, List.of(tag), document);
    }
  }

  private Optional<ServedManifest> here(UpstreamName name, Digest digest) {
    return records
        .find(name.name())
        .filter(Repository::isFetched)
        .flatMap(one -> one.find(new ManifestReference.ByDigest(digest)))
        .filter(one -> content.size(digest) >= 0);
  }

  /** Only once it is on the disk for sure a record names it. */
  private ServedManifest keep(UpstreamName name, List<String> tags, ImageSource.Document document)
      throws IOException {
    byte[] body = Objects.requireNonNull(document.body());
    Digest digest = document.descriptor().digest();
    ServedManifest manifest = manifest(document.descriptor().mediaType(), digest, body);
    try (ContentStore.Scratch scratch = content.scratch();
        Removal.Lease lease = removal.lease()) {
      lease.add(digest);
      long ignored = DocumentFile.receive(new ByteArrayInputStream(body), scratch.file());
      scratch.publish(digest);
      DocumentFile.syncDirectory(content.blob(digest));
      ServedManifest kept = named(name, manifest, tags);
      LOG.info("{}{} fetched: {}", name.name(), tags, digest);
      return kept;
    }
  }

  private static ServedManifest manifest(String type, Digest digest, byte[] body) {
    // What it is called by the way is left out where it is none of the four: the document says it.
    String known = ManifestFacts.isKnown(type) ? type : "";
    ManifestFacts facts = ManifestFacts.of(body, known);
    List<Descriptor> blobs = new ArrayList<>(facts.blobs());
    blobs.addAll(facts.elsewhere());
    Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    return new ServedManifest(
        new Descriptor(facts.mediaType(), digest, body.length),
        blobs.stream().distinct().toList(),
        facts.manifests().stream().map(Descriptor::digest).distinct().toList(),
        facts.subject(),
        facts.artifactType(),
        now,
        now);
  }

  private ServedManifest named(UpstreamName name, ServedManifest manifest, List<String> tags) {
    while (!records.hasRoomForFetched() && space.makeRoom(name.name(), FetchSpace.LATELY)) {
      LOG.debug("the list of what was fetched is nearly full");
    }
    Repository after =
        records.change(name.name(), before -> before.asFetched().with(manifest, tags));
    return Objects.requireNonNull(after.manifests().get(manifest.digest()));
  }

  /** Its registry has no such tag any more. */
  void forget(UpstreamName name, ManifestReference reference) {
    if (reference instanceof ManifestReference.Tag(String tag)
        && records.find(name.name()).filter(Repository::isFetched).isPresent()) {
      Repository ignored = records.change(name.name(), before -> before.withoutTag(tag));
    }
  }
}
