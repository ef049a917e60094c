package io.jcompose.compose.model;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A top-level config or secret.
 *
 * @param key its key in the file
 * @param name its name on the host, {@code <project>_<key>} unless given
 * @param driver of a secret; Docker Compose refuses it outside swarm, as {@code templateDriver}
 */
public record FileObject(
    String key,
    String name,
    Source source,
    Map<String, String> labels,
    String driver,
    Map<String, String> driverOptions,
    String templateDriver,
    Map<String, @Nullable Object> extensions) {
  public FileObject {
    labels = Copies.ordered(labels);
    driverOptions = Copies.ordered(driverOptions);
    extensions = Copies.ordered(extensions);
  }

  /** Where the bytes come from. */
  public sealed interface Source {
    /** A file on the host, absolute. */
    record HostFile(String path) implements Source {}

    /**
     * A variable of the project's environment.
     *
     * @param value null when it is not set; never printed
     */
    record Variable(String name, @Nullable String value) implements Source {
      @Override
      public String toString() {
        return "Variable[" + name + "]";
      }
    }

    /** Text in the compose file. */
    record Content(String text) implements Source {}

    /** Made outside of the project. */
    record External() implements Source {}
  }
}
