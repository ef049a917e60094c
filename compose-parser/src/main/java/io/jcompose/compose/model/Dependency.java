package io.jcompose.compose.model;

/**
 * One entry of {@code depends_on}, explicit or implied by links, shared namespaces or {@code
 * volumes_from}.
 *
 * @param restart restart the dependent when Compose restarts or recreates this one
 * @param required false lets the dependent start when this one is missing or fails
 */
public record Dependency(Condition condition, boolean restart, boolean required) {
  /** What the dependency must have reached. */
  public enum Condition {
    STARTED("service_started"),
    HEALTHY("service_healthy"),
    COMPLETED_SUCCESSFULLY("service_completed_successfully");

    private final String word;

    Condition(String word) {
      this.word = word;
    }

    /** The word of the compose file and of the depends_on label. */
    public String word() {
      return word;
    }
  }
}
