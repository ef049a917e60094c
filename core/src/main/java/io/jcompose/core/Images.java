package io.jcompose.core;

import io.jcompose.core.build.Packing;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Images in this engine's store, and the registries behind it. */
public interface Images {
  /** The image that a reference or an id (or unique id prefix) names, or empty. */
  Optional<ImageView> find(String refOrId);

  /**
   * As {@link #find}, but empty when the image is there for a platform whose programs the given one
   * does not run.
   *
   * @param platform {@code os/arch[/variant]}; empty takes any
   * @throws JcomposeException.InvalidArgument for what is no platform
   */
  Optional<ImageView> find(String refOrId, String platform);

  /**
   * All images, sorted by their first reference. Where their configurations are very large together
   * those of the last ones are left out.
   */
  List<ImageView> list();

  /**
   * Fetches what is missing of an image and unpacks it; concurrent pulls of the same content share
   * the work. Blocks.
   *
   * @param platform {@code os/arch[/variant]}, or empty for the host's
   * @param progress its logins are shown to the image's registry, and no others; an image that is
   *     there already is anybody's
   * @throws JcomposeException.NotFound when the registry does not have it, or not for the platform,
   *     or refuses these logins
   * @throws JcomposeException.Unavailable when no registry answers, after retries
   * @throws JcomposeException.Corrupt when content does not match its digest
   * @throws JcomposeException.Cancelled when the thread is interrupted; the work ends when that was
   *     the last one that waits for it
   */
  ImageView pull(String reference, String platform, Progress progress);

  /**
   * Brings an image to the registry that its name says: what is missing there. Progress has a row
   * {@code Image NAME} and one for each layer, of docker's words: Preparing, Pushing, Pushed, Layer
   * already exists, Mounted from REPOSITORY. Blocks.
   *
   * @param reference a name that the image has here
   * @param progress its logins are shown to the registry, and no others
   * @throws JcomposeException.NotFound without such an image, or such a repository
   * @throws JcomposeException.PermissionDenied when the registry refuses these logins
   * @throws JcomposeException.InvalidArgument for what cannot be pushed, or the registry takes not
   * @throws JcomposeException.Unavailable when the registry does not answer, after retries
   * @throws JcomposeException.Corrupt when a layer that is to be packed has changed
   * @throws JcomposeException.Cancelled when the thread is interrupted
   */
  default Pushed push(String reference, Progress progress) {
    throw new JcomposeException.NotSupported("there are no registries here");
  }

  /** As {@link #push(String, Progress)}, with layers packed in a way of their own. */
  default Pushed push(String reference, Packing packing, Progress progress) {
    if (packing.equals(Packing.DEFAULT)) {
      return push(reference, progress);
    }
    throw new JcomposeException.NotSupported("layers are packed in one way here");
  }

  /**
   * Writes one image into a tar archive, by its id and not by what its names mean. Blocks.
   *
   * @throws JcomposeException.NotFound for what is no image, before anything is written
   * @throws IOException when {@code out} fails
   */
  default void export(Export what, OutputStream out) throws IOException {
    throw new JcomposeException.NotSupported("images are not exported here");
  }

  /**
   * What is exported.
   *
   * @param names that it gets in the archive, whether it has them here or not
   * @param dockers the documents that {@code docker load} reads, too
   */
  record Export(String imageId, List<String> names, Packing packing, boolean dockers) {
    public Export {
      names = List.copyOf(names);
    }
  }

  /**
   * Writes images into one tar archive, an OCI image layout that {@code docker load} reads too; the
   * same images give the same bytes. Blocks.
   *
   * @param refsOrIds a name without a tag is all names of its repository
   * @throws JcomposeException.NotFound for what is no image, before anything is written
   * @throws IOException when {@code out} fails
   */
  default void save(List<String> refsOrIds, OutputStream out) throws IOException {
    throw new JcomposeException.NotSupported("images are not saved here");
  }

  /**
   * Takes in the images of an archive: {@code docker save}'s, of its old and new form, or an OCI
   * image layout; plain, or compressed by gzip, bzip2, xz or zstd. Blocks.
   *
   * @return one for each name, and one for each image without a name
   * @throws JcomposeException.Corrupt for what is no such archive, or a damaged one; nothing of it
   *     stays then
   * @throws JcomposeException.Unavailable when the disk is full
   */
  default List<Loaded> load(InputStream in) {
    throw new JcomposeException.NotSupported("images are not loaded here");
  }

  /**
   * Makes an image of one layer of a root file system's tar archive, compressed as for {@link
   * #load}, or not. Blocks.
   *
   * @return its id
   * @throws JcomposeException.InvalidArgument for what is no tar archive, or wrong options
   */
  default String importRoot(InputStream in, Import options) {
    throw new JcomposeException.NotSupported("images are not imported here");
  }

  /**
   * Repositories by a word of their names; on Docker Hub also of their descriptions. Blocks.
   *
   * @param term a word, or {@code host/word} for another registry than Docker Hub
   * @param limit at most so many
   * @throws JcomposeException.NotFound when the registry does not show them
   * @throws JcomposeException.Unavailable when it does not answer, after retries
   */
  default List<SearchResult> search(String term, int limit, RegistryLogins logins) {
    throw new JcomposeException.NotSupported("there are no registries here");
  }

  /**
   * The image's name with the digest that its registry has for it now, {@code
   * docker.io/library/redis:7@sha256:…}; a name that has a digest is returned as it is. Fetches
   * nothing. Blocks.
   *
   * @throws JcomposeException.NotFound when the registry does not have it
   * @throws JcomposeException.Unavailable when no registry answers, after retries
   */
  String pinned(String reference, RegistryLogins logins);

  /**
   * What the image's registry has under its name now. Nothing is kept. Blocks.
   *
   * @throws JcomposeException.NotFound when the registry does not have it
   * @throws JcomposeException.Unavailable when no registry answers, after retries
   */
  default Published published(String reference, RegistryLogins logins) {
    throw new JcomposeException.NotSupported("there are no registries here");
  }

  /**
   * The registries that a pull of the image would show a login to, by the names that {@link
   * RegistryLogins.OfCaller} has: mirrors, then its own.
   *
   * @throws JcomposeException.InvalidArgument for what is no reference
   */
  default List<String> registries(String reference) {
    return List.of(ImageReference.parse(reference).domain());
  }

  /**
   * Shows a login to a registry. Nothing is kept of it. Blocks.
   *
   * @param registry {@code host[:port]}; docker.io for the Hub
   * @return what is shown from now on: an identity token where the registry gave one
   * @throws JcomposeException.PermissionDenied when the registry refuses it
   * @throws JcomposeException.Unavailable when the registry does not answer, or is not trusted
   */
  default RegistryLogins.Login checkLogin(String registry, RegistryLogins.Login login) {
    throw new JcomposeException.NotSupported("there are no registries here");
  }

  /**
   * Removes a reference, and the image when that was its last one.
   *
   * @throws JcomposeException.Conflict when a container uses the image
   * @return what was done, as Docker words it: {@code Untagged: …}, {@code Deleted: …}
   */
  List<String> remove(String refOrId, boolean force);

  /**
   * Removes images that no container uses, and all that is of no image: what failed pulls have
   * left, and unfinished layers. What a pull under way uses stays.
   *
   * @param all also images with a name; else only those without
   */
  Pruned prune(boolean all);

  /**
   * Gives an image a further name, which another one loses that had it.
   *
   * @param reference a name with or without a tag
   * @throws JcomposeException.NotFound without the image
   * @throws JcomposeException.InvalidArgument for what is no name, or has a digest
   */
  default void tag(String refOrId, String reference) {
    throw new JcomposeException.NotSupported("images get no names here");
  }

  /** What is known of an image beside {@link ImageView}, or empty without it. */
  default Optional<ImageDetails> details(String refOrId) {
    return Optional.empty();
  }

  /**
   * A manifest, or an index of them, at a registry.
   *
   * @param sizeBytes of the document
   * @param platforms {@code os/arch[/variant]} of an index; none of a manifest
   */
  record Published(String mediaType, Digest digest, long sizeBytes, List<String> platforms) {
    public Published {
      platforms = List.copyOf(platforms);
    }
  }

  /**
   * What was pushed.
   *
   * @param digest of the manifest, {@code sha256:…}
   * @param sizeBytes of the manifest
   */
  record Pushed(String tag, String digest, long sizeBytes) {}

  /**
   * What was loaded.
   *
   * @param reference in familiar form; empty for an image without a name
   * @param id {@code sha256:…}
   */
  record Loaded(String reference, String id) {}

  /**
   * What becomes of a root file system.
   *
   * @param reference the image's name; empty for none
   * @param changes instructions of a Dockerfile, as {@code commit --change} takes them
   * @param platform empty for the host's
   */
  record Import(String reference, List<String> changes, String message, String platform) {
    public Import {
      changes = List.copyOf(changes);
    }
  }

  /**
   * A repository.
   *
   * @param description empty where the registry has none
   * @param stars 0 where it counts none
   */
  record SearchResult(String name, String description, int stars, boolean isOfficial) {}

  /** What all of it takes on the disk. */
  default DiskUse diskUse() {
    return new DiskUse(0, 0);
  }

  /**
   * @param config the OCI configuration, JSON, as it came
   * @param layers unpacked, bottom first; a layer that two images share has one name
   * @param blobs its manifests, configuration and packed layers, as far as they are here
   * @param taggedAt when a person last gave it a name; null for never
   */
  record ImageDetails(
      String config, List<LayerSize> layers, List<LayerSize> blobs, @Nullable Instant taggedAt) {
    public ImageDetails {
      layers = List.copyOf(layers);
      blobs = List.copyOf(blobs);
    }

    public long blobBytes() {
      return blobs.stream().mapToLong(LayerSize::bytes).sum();
    }
  }

  record LayerSize(String name, long bytes) {}

  /**
   * @param layerBytes unpacked layers, shared ones once
   * @param blobBytes what was fetched and is kept beside them, and downloads that are not finished
   */
  record DiskUse(long layerBytes, long blobBytes) {}

  /**
   * What a prune removed.
   *
   * @param removed lines as Docker words them: {@code untagged: …}, {@code deleted: …}
   * @param reclaimedBytes bytes of files removed, unpacked layers and blobs
   */
  record Pruned(List<String> removed, long reclaimedBytes) {
    public Pruned {
      removed = List.copyOf(removed);
    }
  }

  /**
   * An image and the configuration it gives its containers.
   *
   * @param id digest of the config, {@code sha256:…}
   * @param references all names, {@code repository:tag}, in familiar form
   * @param repoDigests {@code repository@sha256:…}
   * @param sizeBytes unpacked
   * @param ports {@code 80/tcp}
   * @param volumes absolute paths
   */
  @RecordBuilder
  record ImageView(
      String id,
      List<String> references,
      List<String> repoDigests,
      long sizeBytes,
      @Nullable Instant createdAt,
      String platform,
      List<String> entrypoint,
      List<String> command,
      List<String> env,
      String workingDir,
      String user,
      List<String> ports,
      List<String> volumes,
      Map<String, String> labels,
      String stopSignal,
      ContainerSpec.@Nullable Health health,
      List<String> shell)
      implements ImageViewBuilder.With {
    public ImageView {
      references = List.copyOf(references);
      repoDigests = List.copyOf(repoDigests);
      entrypoint = List.copyOf(entrypoint);
      command = List.copyOf(command);
      env = List.copyOf(env);
      ports = List.copyOf(ports);
      volumes = List.copyOf(volumes);
      labels = Map.copyOf(labels);
      shell = List.copyOf(shell);
    }
  }
}
