package io.jcompose.compose.model;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Immutable copies that keep the file's order, which {@code Map.copyOf} does not. */
final class Copies {
  private Copies() {}

  static <V extends @Nullable Object> Map<String, V> ordered(Map<String, V> map) {
    return map.isEmpty() ? Map.of() : Collections.unmodifiableMap(new LinkedHashMap<>(map));
  }
}
