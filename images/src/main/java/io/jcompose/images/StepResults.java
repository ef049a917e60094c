package io.jcompose.images;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jcompose.core.Digest;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.build.Builds.CacheEntry;
import io.jcompose.core.file.StateFile;
import io.jcompose.images.oci.Descriptor;
import io.jcompose.images.oci.Json;
import io.jcompose.images.store.StepLayers;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The layers that steps of builds have given, by the step's key: a journal of one line a step in
 * {@code steps.jsonl}, which a start reads and writes anew when most of it is out of date. It is
 * not synced: a torn line is a step that is carried out again, and after a power cut only those
 * count before which a line says that their layers were on the disk. Thread-safe.
 */
final class StepResults implements StepLayers {
  private static final Logger LOG = LoggerFactory.getLogger(StepResults.class);
  private static final int MOST = 20_000;
  private static final long MOST_BYTES = 64 << 20;
  private static final int SLACK = 1_000; // lines that may be out of date
  private static final int DESCRIPTION = 300;

  private final Path file;
  private final String boot;
  private final Map<String, Step> byKey = new LinkedHashMap<>();
  private int lines;

  /** The last line in the file has no end: one behind it would be lost with it. */
  private boolean torn;

  private long number;

  /**
   * @param layer what it gave
   * @param at when it was made
   * @param used when it was last found
   * @param boot the boot in which it was made, empty once the disk has its layer
   * @param number its place among all
   */
  private record Step(
      BuildLayer layer, String description, Instant at, Instant used, String boot, long number) {
    Step usedNow() {
      return new Step(layer, description, at, Instant.now(), boot, number);
    }

    Step synced() {
      return new Step(layer, description, at, used, "", number);
    }
  }

  StepResults(Path imagesDir, String boot) {
    this.file = imagesDir.resolve("steps.jsonl");
    this.boot = boot;
    read();
    byKey.values().removeIf(step -> !step.boot.isEmpty() && !step.boot.equals(boot));
  }

  synchronized Optional<BuildLayer.Known> find(String key) {
    Step step = byKey.get(key);
    if (step == null) {
      return Optional.empty();
    }
    byKey.remove(key);
    byKey.put(key, step.usedNow()); // the least recently used come first
    return Optional.of(new BuildLayer.Known(step.layer, step.at));
  }

  /**
   * @param at when it was made
   */
  synchronized Instant put(String key, BuildLayer layer, String description, Instant at) {
    String shown =
        description.length() > DESCRIPTION ? description.substring(0, DESCRIPTION) : description;
    Step step = new Step(layer, shown, at, Instant.now(), boot, ++number);
    byKey.remove(key);
    byKey.put(key, step);
    while (byKey.size() > MOST) {
      byKey.remove(byKey.keySet().iterator().next());
    }
    append(line(key, step));
    return at;
  }

  @Override
  public synchronized long last() {
    return number;
  }

  @Override
  public synchronized void synced(long last) {
    boolean any = byKey.values().stream().anyMatch(s -> !s.boot.isEmpty() && s.number <= last);
    if (any) {
      byKey.replaceAll((key, step) -> step.number <= last ? step.synced() : step);
      append(JsonNodeFactory.instance.objectNode().put("synced", last));
    }
  }

  @Override
  public synchronized Set<String> snapshots() {
    return byKey.values().stream().map(step -> step.layer.snapshot()).collect(Collectors.toSet());
  }

  /** All steps, largest first. */
  synchronized List<CacheEntry> entries(Set<String> ownedByImages) {
    return byKey.entrySet().stream()
        .map(
            e ->
                entry(
                    e.getKey(),
                    e.getValue(),
                    ownedByImages.contains(e.getValue().layer.snapshot())))
        .sorted(Comparator.comparingLong(CacheEntry::bytes).reversed())
        .toList();
  }

  @Override
  public synchronized List<CacheEntry> shrink(
      long bytes, Set<String> ownedByImages, Predicate<CacheEntry> which) {
    long left =
        byKey.values().stream()
            .filter(step -> !ownedByImages.contains(step.layer.snapshot()))
            .mapToLong(step -> step.layer.sizeBytes())
            .sum();
    List<CacheEntry> gone = new ArrayList<>();
    for (String key : List.copyOf(byKey.keySet())) {
      Step step = byKey.get(key);
      if (left <= bytes || step == null) {
        break;
      }
      CacheEntry entry = entry(key, step, ownedByImages.contains(step.layer.snapshot()));
      if (!entry.inUse() && which.test(entry)) {
        left -= step.layer.sizeBytes();
        byKey.remove(key);
        gone.add(entry);
      }
    }
    if (!gone.isEmpty()) {
      rewrite();
    }
    return gone;
  }

  private static CacheEntry entry(String key, Step step, boolean inUse) {
    return new CacheEntry(key, step.description, step.layer.sizeBytes(), step.used, inUse);
  }

  private static ObjectNode line(String key, Step step) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("key", key).put("diffId", step.layer.diffId().toString());
    node.put("snapshot", step.layer.snapshot()).put("size", step.layer.sizeBytes());
    node.set("blob", step.layer.blob().toJson());
    node.put("step", step.description).put("at", step.at.toString());
    node.put("used", step.used.toString());
    return node.put("boot", step.boot).put("number", step.number);
  }

  private void append(ObjectNode line) {
    if (torn || ++lines > 2 * byKey.size() + SLACK) {
      try {
        rewrite();
      } catch (UncheckedIOException e) {
        LOG.warn("failed to write {} anew; steps are carried out again next time", file, e);
      }
      return;
    }
    byte[] text = Json.bytes(line);
    byte[] ended = Arrays.copyOf(text, text.length + 1);
    ended[text.length] = '\n';
    try {
      Files.write(file, ended, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      torn = true;
      LOG.warn("failed to remember a step in {}; it is carried out again next time", file, e);
    }
  }

  private void rewrite() {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    byKey.forEach(
        (key, step) -> {
          all.writeBytes(Json.bytes(line(key, step)));
          all.write('\n');
        });
    StateFile.writeVolatile(file, all.toByteArray());
    lines = byKey.size();
    torn = false;
  }

  private void read() {
    try {
      if (!Files.exists(file)) {
        return;
      }
      if (Files.size(file) > MOST_BYTES) {
        StateFile.setAside(file, "it is too long");
        return;
      }
      String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
      for (String line : text.split("\n")) {
        take(line);
      }
      torn = !text.isEmpty() && !text.endsWith("\n");
    } catch (IOException e) {
      LOG.warn("failed to read {}; steps are carried out again", file, e);
    }
  }

  private void take(String line) {
    try {
      JsonNode node = Json.parse(line.getBytes(StandardCharsets.UTF_8), "steps.jsonl");
      lines++;
      if (node.has("synced")) {
        long last = node.path("synced").asLong();
        byKey.replaceAll((key, step) -> step.number <= last ? step.synced() : step);
        return;
      }
      Digest diffId = Digest.parse(node.path("diffId").asText());
      String snapshot = new Digest("sha256", node.path("snapshot").asText()).hex();
      BuildLayer layer =
          new BuildLayer(
              diffId, snapshot, node.path("size").asLong(), Descriptor.of(node.path("blob")));
      Step step =
          new Step(
              layer,
              node.path("step").asText(),
              Instant.parse(node.path("at").asText()),
              Instant.parse(node.path("used").asText()),
              node.path("boot").asText(),
              node.path("number").asLong());
      number = Math.max(number, step.number);
      byKey.remove(node.path("key").asText());
      byKey.put(node.path("key").asText(), step);
    } catch (JcomposeException | DateTimeException e) {
      LOG.info("a line of {} is damaged, its step is carried out again", file);
    }
  }
}
