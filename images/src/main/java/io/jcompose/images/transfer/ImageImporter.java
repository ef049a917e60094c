package io.jcompose.images.transfer;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jcompose.core.Digest;
import io.jcompose.core.ImageReference;
import io.jcompose.core.JcomposeException;
import io.jcompose.images.archive.AnyCompression;
import io.jcompose.images.oci.Descriptor;
import io.jcompose.images.oci.Json;
import io.jcompose.images.oci.Platform;
import io.jcompose.images.store.ContentStore;
import io.jcompose.images.store.LayerPacker;
import io.jcompose.images.store.Removal;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Makes images of one layer of root file systems. Thread-safe. */
public final class ImageImporter {
  private static final int BLOCK = 512;

  private final ContentStore content;
  private final Removal removal;
  private final Arrival arrival;
  private final AnyCompression compression = new AnyCompression();

  /**
   * @param arrival takes the images in
   */
  public ImageImporter(ContentStore content, Removal removal, Arrival arrival) {
    this.content = content;
    this.removal = removal;
    this.arrival = arrival;
  }

  /**
   * Makes an image.
   *
   * @param in a tar archive, plain, or compressed by gzip, bzip2, xz or zstd
   * @param platform empty for this host's
   * @param edit changes the config's member {@code config}, with Docker's keys
   * @param name null leaves it without a name
   * @return its id
   * @throws JcomposeException.InvalidArgument for what is no tar archive
   */
  public String make(
      InputStream in,
      String platform,
      String message,
      Consumer<ObjectNode> edit,
      @Nullable ImageReference name)
      throws IOException {
    Platform stated = platform.isEmpty() ? Platform.host() : Platform.parse(platform);
    ObjectNode config = config(stated, message);
    edit.accept(config.withObject("/config")); // before anything is read
    List<Digest> made = new ArrayList<>();
    try (Removal.Lease lease = removal.lease();
        InputStream plain = compression.open(in)) {
      LayerPacker.Layer layer = LayerPacker.pack(content, lease, checked(plain), made::add);
      config.withObject("/rootfs").withArray("diff_ids").add(layer.diffId().toString());
      byte[] document = Json.bytes(config);
      Digest id = ContentStore.digestOf(document);
      lease.add(id);
      made.add(id);
      content.write(id, document);
      Descriptor blob = new Descriptor(MadeManifest.LAYER_TYPE, layer.blob(), layer.sizeBytes());
      byte[] manifest =
          MadeManifest.of(
              new Descriptor(MadeManifest.CONFIG_TYPE, id, document.length), List.of(blob));
      made.add(ContentStore.digestOf(manifest));
      return arrival.takeIn(name, manifest);
    } catch (IOException e) {
      throw ImageLoader.told(e);
    } finally {
      removal.removeUnowned(made);
    }
  }

  private static ObjectNode config(Platform platform, String message) {
    String now = Instant.now().toString();
    ObjectNode config = JsonNodeFactory.instance.objectNode();
    config.put("architecture", platform.architecture()).put("os", platform.os());
    if (!platform.variant().isEmpty()) {
      config.put("variant", platform.variant());
    }
    config.put("created", now).put("comment", message);
    config.putObject("config");
    config.putObject("rootfs").put("type", "layers").putArray("diff_ids");
    config.putArray("history").addObject().put("created", now).put("comment", message);
    return config;
  }

  /** That it is a tar archive at all; what is wrong in it is found when it is unpacked. */
  private static InputStream checked(InputStream plain) throws IOException {
    byte[] start = plain.readNBytes(BLOCK);
    boolean empty = true;
    for (byte one : start) {
      empty &= one == 0;
    }
    boolean tar =
        start.length == BLOCK
            && (empty || new String(start, 257, 5, StandardCharsets.ISO_8859_1).equals("ustar"));
    if (!tar) {
      throw new JcomposeException.InvalidArgument(
          "what is to be imported is no tar archive, plain or compressed by gzip, bzip2, xz or zstd");
    }
    return new SequenceInputStream(new ByteArrayInputStream(start), plain);
  }
}
