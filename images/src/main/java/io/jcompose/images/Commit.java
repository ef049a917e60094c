package io.jcompose.images;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jcompose.core.Digest;
import io.jcompose.core.ImageReference;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.build.Packing;
import io.jcompose.images.archive.TarWriter;
import io.jcompose.images.archive.TreeReader;
import io.jcompose.images.oci.Descriptor;
import io.jcompose.images.oci.Json;
import io.jcompose.images.oci.Manifest;
import io.jcompose.images.pull.Puller;
import io.jcompose.images.store.ContentStore;
import io.jcompose.images.store.DiskSpace;
import io.jcompose.images.store.PackedLayers;
import io.jcompose.images.store.Removal;
import io.jcompose.images.store.StoredImage;
import io.jcompose.linux.file.DirectoryFd;
import io.jcompose.linux.library.NativeSha256;
import java.io.BufferedOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * Makes an image of another one and a layer on it. Confined to one thread; a lease keeps a prune
 * from its work, and what a crash leaves of it is content that no image owns, which goes in time.
 */
final class Commit {
  private static final String LAYER_TYPE = "application/vnd.oci.image.layer.v1.tar+gzip";
  private static final String CONFIG_TYPE = "application/vnd.oci.image.config.v1+json";
  private static final int CHUNK = 1 << 16;

  private final Path imagesDir;
  private final ContentStore content;
  private final PackedLayers packing;
  private final Removal removal;
  private final Puller puller;

  Commit(
      Path imagesDir, ContentStore content, PackedLayers packing, Removal removal, Puller puller) {
    this.packing = packing;
    this.imagesDir = imagesDir;
    this.content = content;
    this.removal = removal;
    this.puller = puller;
  }

  /** A layer in the content store. */
  private record Packed(Descriptor blob, Digest diffId) {}

  StoredImage make(
      StoredImage parent,
      LayerFiles files,
      Authorship authorship,
      Consumer<ObjectNode> edit,
      @Nullable ImageReference name) {
    try (Removal.Lease lease = removal.lease()) {
      ObjectNode config = document(parent.id());
      edit.accept(config.withObject("/config"));
      Packed layer = pack(files, lease);
      describe(config, layer, authorship);
      byte[] body = Json.bytes(config);
      lease.add(ContentStore.digestOf(body));
      content.write(ContentStore.digestOf(body), body);
      return puller.takeIn(name, manifest(parent, layer, body, lease));
    } catch (IOException e) {
      throw DiskSpace.explain(new UncheckedIOException(e), imagesDir, "committing");
    } catch (JcomposeException e) {
      throw e;
    } catch (RuntimeException e) {
      throw DiskSpace.explain(e, imagesDir, "committing");
    }
  }

  private ObjectNode document(Digest digest) {
    return content
        .load(digest, text -> (ObjectNode) Json.foreign(text, digest.toString()))
        .orElseThrow(
            () -> new JcomposeException.Corrupt(digest + " is missing in the image store"));
  }

  private static void describe(ObjectNode config, Packed layer, Authorship by) {
    String now = by.at().toString();
    config.put("created", now).put("author", by.author());
    config.withObject("/rootfs").withArray("diff_ids").add(layer.diffId.toString());
    ObjectNode history = config.withArray("/history").addObject();
    history.put("created", now).put("created_by", by.command());
    if (!by.author().isEmpty()) {
      history.put("author", by.author());
    }
    if (!by.comment().isEmpty()) {
      history.put("comment", by.comment());
    }
  }

  private byte[] manifest(StoredImage parent, Packed layer, byte[] config, Removal.Lease lease) {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.put("schemaVersion", 2).put("mediaType", Puller.MANIFEST_TYPE);
    root.set(
        "config",
        new Descriptor(CONFIG_TYPE, ContentStore.digestOf(config), config.length).toJson());
    ArrayNode layers = root.putArray("layers");
    lease.add(parent.layers().stream().map(StoredImage.Layer::snapshot).toList());
    Manifest.Image below = packing.of(parent, Packing.DEFAULT, lease).image();
    below.layers().forEach(blob -> layers.add(blob.toJson()));
    layers.add(layer.blob.toJson());
    return Json.bytes(root);
  }

  private Packed pack(LayerFiles files, Removal.Lease lease) throws IOException {
    try (ContentStore.Scratch scratch = content.scratch()) {
      MessageDigest packed = NativeSha256.create();
      MessageDigest plain = NativeSha256.create();
      try (OutputStream out =
              new DigestOutputStream(Files.newOutputStream(scratch.file()), packed);
          OutputStream gzip = new FastGzip(out);
          OutputStream wanted = new Wanted(new DigestOutputStream(gzip, plain), files.isGivenUp());
          OutputStream tar = new BufferedOutputStream(wanted, CHUNK);
          DirectoryFd root = DirectoryFd.open(files.upper())) {
        TarWriter writer = new TarWriter(tar);
        TreeReader.ofLayer(writer, files.leftOut()).children(root, "");
        writer.finish();
      }
      Digest blob = digest(packed);
      long size = Files.size(scratch.file());
      lease.add(blob);
      scratch.publish(blob);
      return new Packed(new Descriptor(LAYER_TYPE, blob, size), digest(plain));
    }
  }

  private static Digest digest(MessageDigest hash) {
    return Digest.sha256(hash.digest());
  }

  /** Takes what is written as long as somebody wants it: a container may have any amount. */
  private static final class Wanted extends FilterOutputStream {
    private final BooleanSupplier isGivenUp;

    Wanted(OutputStream out, BooleanSupplier isGivenUp) {
      super(out);
      this.isGivenUp = isGivenUp;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      if (isGivenUp.getAsBoolean()) {
        throw new JcomposeException.Cancelled("the commit was given up");
      }
      out.write(bytes, offset, length);
    }
  }

  /** A third of the time for a few percent more bytes. */
  private static final class FastGzip extends GZIPOutputStream {
    FastGzip(OutputStream out) throws IOException {
      super(out, CHUNK);
      def.setLevel(Deflater.BEST_SPEED);
    }
  }
}
