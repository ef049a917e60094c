package io.jcompose.compose.model;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A top-level AI model. */
public record ModelConfig(
    String key,
    String name,
    String model,
    int contextSize,
    List<String> runtimeFlags,
    Map<String, @Nullable Object> extensions) {
  public ModelConfig {
    runtimeFlags = List.copyOf(runtimeFlags);
    extensions = Copies.ordered(extensions);
  }

  /** A service's use of a model: the variables that tell its address and name. */
  public record Use(String endpointVariable, String modelVariable) {}
}
