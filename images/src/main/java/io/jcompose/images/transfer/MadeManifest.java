package io.jcompose.images.transfer;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jcompose.images.oci.Descriptor;
import io.jcompose.images.oci.Json;
import java.util.List;

/** Manifests for images that come without one (OCI image-spec, manifest.md). */
final class MadeManifest {
  static final String TYPE = "application/vnd.oci.image.manifest.v1+json";
  static final String CONFIG_TYPE = "application/vnd.oci.image.config.v1+json";
  static final String LAYER_TYPE = "application/vnd.oci.image.layer.v1.tar+gzip";

  private MadeManifest() {}

  static byte[] of(Descriptor config, List<Descriptor> layers) {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.put("schemaVersion", 2).put("mediaType", TYPE);
    root.set("config", config.toJson());
    ArrayNode array = root.putArray("layers");
    layers.forEach(layer -> array.add(layer.toJson()));
    return Json.bytes(root);
  }
}
