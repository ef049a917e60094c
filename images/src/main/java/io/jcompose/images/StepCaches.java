package io.jcompose.images;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jcompose.core.Digest;
import io.jcompose.core.ImageReference;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Progress;
import io.jcompose.core.RegistryLogins;
import io.jcompose.core.build.CachePlace;
import io.jcompose.images.archive.TreeWriter;
import io.jcompose.images.oci.Json;
import io.jcompose.images.oci.Platform;
import io.jcompose.images.pull.ManifestSearch;
import io.jcompose.images.pull.Puller;
import io.jcompose.images.push.Pusher;
import io.jcompose.images.store.ContentStore;
import io.jcompose.images.store.Removal;
import io.jcompose.images.store.StoredImage;
import io.jcompose.images.transfer.ImageSaver;
import io.jcompose.linux.KernelException;
import io.jcompose.linux.file.DirectoryFd;
import io.jcompose.linux.file.FileStatus;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Results of steps outside of this engine. Each place has an image whose layers are what steps have
 * given, and whose configuration says by which keys: a list of {@code KEY LAYER TIME} in the member
 * {@link #MEMBER}, the layer by its place among the diffIDs. Thread-safe.
 */
public final class StepCaches {
  /** Of an image's configuration. */
  public static final String MEMBER = "io.jcompose.cache.v1";

  private static final int MOST = 500; // layers that an image may have

  private final ContentStore content;
  private final Removal removal;
  private final Puller puller;
  private final Pusher pusher;
  private final ImageSaver saver;

  StepCaches(
      ContentStore content, Removal removal, Puller puller, Pusher pusher, ImageSaver saver) {
    this.content = content;
    this.removal = removal;
    this.puller = puller;
    this.pusher = pusher;
    this.saver = saver;
  }

  /**
   * What a step has given.
   *
   * @param description as its image's history has it
   */
  public record Step(String key, BuildLayer layer, Instant at, String description) {}

  /** The entries of steps, of those whose layers are among some. */
  public static List<String> entries(List<Step> steps, List<BuildLayer> layers) {
    Map<Digest, Integer> places = new LinkedHashMap<>();
    for (int i = 0; i < layers.size(); i++) {
      places.put(layers.get(i).diffId(), i);
    }
    return steps.stream()
        .filter(step -> places.containsKey(step.layer.diffId()))
        .map(step -> step.key + " " + places.get(step.layer.diffId()) + " " + step.at)
        .distinct()
        .toList();
  }

  /**
   * Looks at what a place has. No layer is fetched before it is asked for.
   *
   * @param platform empty for this machine's
   * @throws JcomposeException.NotFound and others when it cannot be read
   */
  public ImportedSteps open(CachePlace place, String platform, Progress progress) {
    boolean local = place.type() == CachePlace.Type.LOCAL;
    ImageReference reference = ImageReference.parse(local ? "cache" : place.place());
    RegistryLogins logins =
        local ? RegistryLogins.OF_ENGINE : puller.client().of(reference, progress.logins());
    LayoutFolder folder = local ? new LayoutFolder(Path.of(place.place()), content) : null;
    Removal.Lease lease = removal.lease();
    boolean whole = false;
    try {
      ManifestSearch.Found found =
          folder == null
              ? puller.documents(reference, logins, platform, lease)
              : puller.documents(folder.manifest(lease), lease);
      Digest config = found.manifest().config().digest();
      List<String> entries =
          content
              .load(config, text -> Json.texts(Json.foreign(text, "cache").path(MEMBER)))
              .orElse(List.of());
      if (entries.isEmpty()) {
        throw new JcomposeException.NotFound(place.told() + " has no results of steps");
      }
      ImportedSteps steps =
          new ImportedSteps(puller, reference, logins, found, entries, folder, lease);
      whole = true;
      return steps;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      if (!whole) {
        lease.close();
      }
    }
  }

  /**
   * Brings results of steps to a place. What it had before is replaced.
   *
   * @param steps in their order; of more than an image can have the last count
   * @param layers holds them
   * @throws JcomposeException.Unavailable and others as a push
   */
  public void export(
      List<Step> steps, CachePlace place, String platform, BuildLayers layers, Progress progress) {
    Map<Digest, BuildLayer> distinct = new LinkedHashMap<>();
    steps.forEach(step -> distinct.put(step.layer.diffId(), step.layer));
    List<BuildLayer> kept =
        distinct.values().stream().skip(Math.max(0, distinct.size() - MOST)).toList();
    try (Removal.Lease lease = removal.lease()) {
      StoredImage image = layers.unnamed(kept, config(steps, kept, platform));
      lease.add(image.blobs().stream().map(Digest::hex).toList());
      lease.add(image.stack());
      if (place.type() == CachePlace.Type.REGISTRY) {
        pusher.push(image, ImageReference.parse(place.place()), place.packing(), lease, progress);
      } else {
        write(image, place, lease);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] config(List<Step> steps, List<BuildLayer> layers, String platform) {
    Platform of = Platform.parse(platform);
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.put("architecture", of.architecture()).put("os", of.os());
    root.putObject("config");
    ArrayNode diffIds = root.putObject("rootfs").put("type", "layers").putArray("diff_ids");
    layers.forEach(layer -> diffIds.add(layer.diffId().toString()));
    entries(steps, layers).forEach(root.putArray(MEMBER)::add);
    return Json.bytes(root);
  }

  /** As the folder's owner; nothing outside of it is reached. */
  private void write(StoredImage image, CachePlace place, Removal.Lease lease) throws IOException {
    Path folder = Files.createDirectories(Path.of(place.place()));
    try (ContentStore.Scratch scratch = content.scratch();
        DirectoryFd into = DirectoryFd.open(folder)) {
      try (OutputStream out = Files.newOutputStream(scratch.file())) {
        saver.write(image, place.packing(), lease, out);
      }
      FileStatus owner = into.stat();
      try (InputStream in = Files.newInputStream(scratch.file())) {
        TreeWriter.unpack(
            in,
            into,
            TreeWriter.Options.replacing(new TreeWriter.Owner.User(owner.uid(), owner.gid())));
      }
    } catch (KernelException e) {
      throw new JcomposeException.Unavailable(
          "cannot write the cache to " + folder + ": " + e.getMessage(), e);
    }
  }
}
