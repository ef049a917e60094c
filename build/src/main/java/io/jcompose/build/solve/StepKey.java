package io.jcompose.build.solve;

import io.jcompose.images.BuildLayer;
import io.jcompose.linux.library.NativeSha256;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The key that a step's result is found by again: a digest of all that decides it. What lies below
 * counts by its content, so that another base with the same files gives the same key. Confined to
 * one thread.
 */
final class StepKey {
  private static final String VERSION = "jcompose step 2";

  private final MessageDigest hash = NativeSha256.create();

  StepKey(String kind, List<BuildLayer> below) {
    add(VERSION).add(kind);
    add(below.stream().map(layer -> layer.diffId().toString()).toList());
  }

  StepKey add(String text) {
    return add(text.getBytes(StandardCharsets.UTF_8));
  }

  StepKey add(byte[] bytes) {
    hash.update(ByteBuffer.allocate(4).putInt(bytes.length).array());
    hash.update(bytes);
    return this;
  }

  /** What may be missing, which is another thing than any text. */
  StepKey addOptional(@Nullable Object part) {
    return add(part == null ? List.of() : List.of(part.toString()));
  }

  StepKey add(List<String> texts) {
    add(String.valueOf(texts.size()));
    texts.forEach(this::add);
    return this;
  }

  StepKey add(Map<String, ?> members) {
    return add(
        members.entrySet().stream()
            .map(entry -> entry.getKey() + "=" + entry.getValue())
            .sorted()
            .toList());
  }

  String text() {
    return HexFormat.of().formatHex(hash.digest());
  }
}
