package io.jcompose.images.transfer;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jcompose.core.Digest;
import io.jcompose.core.ImageReference;
import io.jcompose.core.Images;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.build.Packing;
import io.jcompose.images.oci.Descriptor;
import io.jcompose.images.oci.Json;
import io.jcompose.images.store.Catalog;
import io.jcompose.images.store.ContentStore;
import io.jcompose.images.store.PackedLayers;
import io.jcompose.images.store.Removal;
import io.jcompose.images.store.StoredImage;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/**
 * Writes images into one archive, which is both an OCI image layout and what {@code docker load}
 * has always read. The same images give the same bytes. Thread-safe.
 */
public final class ImageSaver {
  private static final String LAYOUT = "{\"imageLayoutVersion\":\"1.0.0\"}";
  private static final int DIRECTORY_MODE = 040755;
  private static final int FILE_MODE = 0100644;

  private final Catalog catalog;
  private final ContentStore content;
  private final PackedLayers packing;
  private final Removal removal;

  public ImageSaver(Catalog catalog, ContentStore content, PackedLayers packing, Removal removal) {
    this.catalog = catalog;
    this.content = content;
    this.packing = packing;
    this.removal = removal;
  }

  /** An image with the names that it is saved under. */
  private record Saved(PackedLayers.Packed packed, Set<String> names) {
    private Descriptor config() {
      return packed.image().config();
    }
  }

  /**
   * Saves images. Nothing is written before all of them are found and packed.
   *
   * @param words names or ids; a name without a tag is all of its repository
   * @throws JcomposeException.NotFound for a word that names nothing
   */
  public void save(List<String> words, OutputStream out) throws IOException {
    try (Removal.Lease lease = removal.lease()) {
      Map<Digest, StoredImage> images = new LinkedHashMap<>();
      Map<Digest, Set<String>> names = new LinkedHashMap<>();
      removal.exclusively(() -> words.forEach(word -> find(word, images, names, lease)));
      List<Saved> all = new ArrayList<>();
      for (StoredImage image : images.values()) {
        PackedLayers.Packed packed = packing.of(image, Packing.DEFAULT, lease);
        all.add(new Saved(packed, names.getOrDefault(image.id(), Set.of())));
      }
      write(all, true, out);
    }
  }

  /**
   * Saves one image, by its id.
   *
   * @throws JcomposeException.NotFound without it
   */
  public void export(Images.Export what, OutputStream out) throws IOException {
    try (Removal.Lease lease = removal.lease()) {
      Map<Digest, StoredImage> images = new LinkedHashMap<>();
      removal.exclusively(() -> find(what.imageId(), images, new LinkedHashMap<>(), lease));
      StoredImage image = images.values().iterator().next();
      Set<String> names = new LinkedHashSet<>();
      what.names().forEach(name -> names.add(ImageReference.parse(name).toString()));
      write(image, names, what.packing(), what.dockers(), lease, out);
    }
  }

  /**
   * Writes an image that may be in no list, as an OCI layout.
   *
   * @param lease holds it
   */
  public void write(StoredImage image, Packing wanted, Removal.Lease lease, OutputStream out)
      throws IOException {
    write(image, Set.of(), wanted, false, lease, out);
  }

  private void write(
      StoredImage image,
      Set<String> names,
      Packing wanted,
      boolean dockers,
      Removal.Lease lease,
      OutputStream out)
      throws IOException {
    PackedLayers.Packed packed = packing.of(image, wanted, lease);
    write(List.of(new Saved(packed, names)), dockers, out);
  }

  private void find(
      String word,
      Map<Digest, StoredImage> images,
      Map<Digest, Set<String>> names,
      Removal.Lease lease) {
    Map<String, StoredImage> repository = ofRepository(word);
    if (!repository.isEmpty()) {
      repository.forEach((name, image) -> add(image, name, images, names, lease));
      return;
    }
    StoredImage image =
        catalog
            .find(word)
            .orElseThrow(() -> new JcomposeException.NotFound("No such image: " + word));
    String name =
        image.references().stream().filter(one -> isNamed(one, word)).findFirst().orElse("");
    add(image, name, images, names, lease);
  }

  private static void add(
      StoredImage image,
      String name,
      Map<Digest, StoredImage> images,
      Map<Digest, Set<String>> names,
      Removal.Lease lease) {
    if (images.putIfAbsent(image.id(), image) == null) {
      lease.add(image.blobs().stream().map(Digest::hex).toList());
      lease.add(image.stack());
    }
    Set<String> all = names.computeIfAbsent(image.id(), id -> new LinkedHashSet<>());
    if (!name.isEmpty()) {
      all.add(name);
    }
  }

  /** All names of a repository that is named without a tag. */
  private Map<String, StoredImage> ofRepository(String word) {
    Map<String, StoredImage> found = new TreeMap<>();
    boolean tagged = word.contains("@") || word.lastIndexOf(':') > word.lastIndexOf('/');
    if (!tagged && isReference(word)) {
      ImageReference name = ImageReference.parse(word);
      String start = name.domain() + "/" + name.path() + ":";
      for (StoredImage image : catalog.images()) {
        image.references().stream()
            .filter(one -> one.startsWith(start))
            .forEach(one -> found.put(one, image));
      }
    }
    return found;
  }

  private static boolean isNamed(String reference, String word) {
    return isReference(word) && ImageReference.parse(word).toString().equals(reference);
  }

  private static boolean isReference(String word) {
    try {
      return !ImageReference.parse(word).path().isEmpty();
    } catch (JcomposeException.InvalidArgument e) {
      return false;
    }
  }

  private void write(List<Saved> all, boolean dockers, OutputStream out) throws IOException {
    Set<Digest> blobs = new TreeSet<>();
    for (Saved one : all) {
      blobs.add(one.packed.manifest().digest());
      blobs.add(one.config().digest());
      one.packed.image().layers().forEach(layer -> blobs.add(layer.digest()));
    }
    TarArchiveOutputStream tar =
        new TarArchiveOutputStream(out, StandardCharsets.ISO_8859_1.name());
    tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
    tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
    String folder = "";
    directory(tar, "blobs/");
    for (Digest blob : blobs) {
      String own = "blobs/" + blob.algorithm() + "/";
      if (!own.equals(folder)) {
        directory(tar, own);
        folder = own;
      }
      blob(tar, own + blob.hex(), blob);
    }
    file(tar, "index.json", index(all));
    if (dockers) {
      file(tar, "manifest.json", Json.bytes(dockers(all)));
    }
    file(tar, "oci-layout", LAYOUT.getBytes(StandardCharsets.US_ASCII));
    if (dockers) {
      file(tar, "repositories", Json.bytes(repositories(all)));
    }
    tar.finish();
    tar.flush();
  }

  private static void directory(TarArchiveOutputStream tar, String name) throws IOException {
    begin(tar, name, DIRECTORY_MODE, 0);
    tar.closeArchiveEntry();
  }

  private static void file(TarArchiveOutputStream tar, String name, byte[] text)
      throws IOException {
    begin(tar, name, FILE_MODE, text.length);
    tar.write(text);
    tar.closeArchiveEntry();
  }

  private void blob(TarArchiveOutputStream tar, String name, Digest digest) throws IOException {
    long size = content.size(digest);
    if (size < 0) {
      throw new JcomposeException.Corrupt(
          "blob " + digest + " is missing in the image store; pull the image again");
    }
    begin(tar, name, FILE_MODE, size);
    try (InputStream in = Files.newInputStream(content.blob(digest))) {
      in.transferTo(tar);
    }
    tar.closeArchiveEntry();
  }

  private static void begin(TarArchiveOutputStream tar, String name, int mode, long size)
      throws IOException {
    TarArchiveEntry entry = new TarArchiveEntry(name);
    entry.setMode(mode);
    entry.setSize(size);
    entry.setModTime(0);
    entry.setIds(0, 0);
    entry.setNames("", "");
    tar.putArchiveEntry(entry);
  }

  private static byte[] index(List<Saved> all) {
    ObjectNode head = JsonNodeFactory.instance.objectNode();
    head.put("schemaVersion", 2).put("mediaType", "application/vnd.oci.image.index.v1+json");
    ArrayNode manifests = head.putArray("manifests");
    for (Saved one : all) {
      if (one.names.isEmpty()) {
        manifests.add(one.packed.manifest().toJson());
      }
      for (String name : one.names) {
        ObjectNode entry = one.packed.manifest().toJson();
        entry
            .putObject("annotations")
            .put("io.containerd.image.name", name)
            .put("org.opencontainers.image.ref.name", tag(name));
        manifests.add(entry);
      }
    }
    return Json.bytes(head);
  }

  private static ArrayNode dockers(List<Saved> all) {
    ArrayNode items = JsonNodeFactory.instance.arrayNode();
    for (Saved one : all) {
      ObjectNode item = items.addObject();
      item.put("Config", path(one.config().digest()));
      ArrayNode names = item.putArray("RepoTags");
      one.names.forEach(name -> names.add(ImageReference.parse(name).familiar()));
      ArrayNode layers = item.putArray("Layers");
      one.packed.image().layers().forEach(layer -> layers.add(path(layer.digest())));
    }
    return items;
  }

  /** By repository and tag the topmost layer, for what reads nothing else. */
  private static ObjectNode repositories(List<Saved> all) {
    Map<String, Map<String, String>> repositories = new TreeMap<>();
    for (Saved one : all) {
      List<Descriptor> layers = one.packed.image().layers();
      String top = layers.isEmpty() ? one.config().digest().hex() : layers.getLast().digest().hex();
      for (String name : one.names) {
        repositories
            .computeIfAbsent(ImageReference.parse(name).familiarName(), key -> new TreeMap<>())
            .put(tag(name), top);
      }
    }
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    repositories.forEach(
        (repository, tags) -> tags.forEach(root.withObject(pointer(repository))::put));
    return root;
  }

  /** A member's name as a JSON pointer (RFC 6901). */
  private static String pointer(String member) {
    return "/" + member.replace("~", "~0").replace("/", "~1");
  }

  private static String path(Digest digest) {
    return "blobs/" + digest.algorithm() + "/" + digest.hex();
  }

  private static String tag(String name) {
    return name.substring(name.lastIndexOf(':') + 1);
  }
}
