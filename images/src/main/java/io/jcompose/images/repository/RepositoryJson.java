package io.jcompose.images.repository;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jcompose.core.Digest;
import io.jcompose.images.oci.Descriptor;
import io.jcompose.images.oci.Json;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** A {@link Repository} as text. */
final class RepositoryJson {
  private static final String MANIFESTS = "manifests";
  private static final String FETCHED = "fetched";

  private RepositoryJson() {}

  static byte[] text(Repository repository) {
    ObjectNode head = JsonNodeFactory.instance.objectNode().put("version", 1);
    head.put("name", repository.name().text());
    ObjectNode tags = head.putObject("tags");
    repository.tags().forEach((tag, digest) -> tags.put(tag, digest.toString()));
    Set<Digest> fetched = repository.fetched();
    if (fetched != null) {
      ArrayNode blobs = head.putArray(FETCHED);
      fetched.stream().sorted().forEach(blob -> blobs.add(blob.toString()));
    }
    return Json.bytes(
        head, MANIFESTS, repository.manifests().values().stream().map(RepositoryJson::json));
  }

  private static ObjectNode json(ServedManifest manifest) {
    ObjectNode node = manifest.descriptor().toJson();
    ArrayNode blobs = node.putArray("blobs");
    manifest.blobs().forEach(blob -> blobs.add(blob.toJson()));
    ArrayNode children = node.putArray(MANIFESTS);
    manifest.manifests().forEach(child -> children.add(child.toString()));
    if (manifest.subject() != null) {
      node.put("subject", manifest.subject().toString());
    }
    return node.put("artifactType", manifest.artifactType())
        .put("pushedAt", manifest.pushedAt().toString())
        .put("usedAt", manifest.usedAt().toString());
  }

  /** Reads one; throws for what is none. */
  static Repository of(byte[] text) {
    JsonNode root = Json.parse(text, "a repository's record");
    SortedMap<String, Digest> tags = new TreeMap<>();
    root.path("tags")
        .properties()
        .forEach(entry -> tags.put(entry.getKey(), Digest.parse(entry.getValue().asText())));
    Map<Digest, ServedManifest> manifests = new LinkedHashMap<>();
    root.path(MANIFESTS)
        .forEach(
            node -> {
              ServedManifest manifest = manifest(node);
              manifests.put(manifest.digest(), manifest);
            });
    Set<Digest> fetched = null;
    if (root.has(FETCHED)) {
      fetched = new HashSet<>();
      for (String blob : Json.texts(root.path(FETCHED))) {
        fetched.add(Digest.parse(blob));
      }
    }
    return new Repository(
        new RepositoryName(root.path("name").asText("")), tags, manifests, fetched);
  }

  private static ServedManifest manifest(JsonNode node) {
    List<Descriptor> blobs = new ArrayList<>();
    node.path("blobs").forEach(blob -> blobs.add(Descriptor.of(blob)));
    String subject = node.path("subject").asText("");
    return new ServedManifest(
        Descriptor.of(node),
        blobs,
        Json.texts(node.path(MANIFESTS)).stream().map(Digest::parse).toList(),
        subject.isEmpty() ? null : Digest.parse(subject),
        node.path("artifactType").asText(""),
        Instant.parse(node.path("pushedAt").asText("")),
        Instant.parse(node.path("usedAt").asText("")));
  }
}
