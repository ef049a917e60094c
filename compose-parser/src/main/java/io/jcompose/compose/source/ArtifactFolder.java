package io.jcompose.compose.source;

import io.jcompose.compose.Artifacts.Artifact;
import io.jcompose.compose.Artifacts.Layer;
import io.jcompose.core.JcomposeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * Writes a published compose project ({@code docker compose publish}) into a folder, one a digest,
 * kept under a cache folder. What is there is complete.
 */
final class ArtifactFolder {
  private static final String TYPE = "application/vnd.docker.compose.project";
  private static final String FILE = "application/vnd.docker.compose.file+yaml";
  private static final String ENV_FILE = "application/vnd.docker.compose.envfile";
  private static final String EMPTY = "application/vnd.oci.empty.v1+json";

  private final Path cache;

  ArtifactFolder(Path cache) {
    this.cache = cache;
  }

  /** The folder with the artifact's files, {@code compose.yaml} among them. */
  Path of(String reference, Artifact artifact) {
    if (!artifact.type().equals(TYPE)) {
      throw new JcomposeException.InvalidArgument(
          reference + " is not a compose project OCI artifact, but " + artifact.type());
    }
    String name = artifact.digest().substring(artifact.digest().indexOf(':') + 1);
    return new CacheFolder(cache)
        .of(
            name,
            reference,
            folder -> {
              for (Layer layer : artifact.layers()) {
                write(layer, folder, reference);
              }
            });
  }

  private static void write(Layer layer, Path dir, String reference) throws IOException {
    switch (layer.mediaType()) {
      case FILE -> {
        boolean extended = layer.annotations().containsKey("com.docker.compose.extends");
        String name =
            extended ? annotation(layer, "com.docker.compose.file", reference) : "compose.yaml";
        Path file = inside(dir, name, reference);
        String separator = Files.exists(file) ? "\n---\n" : "";
        Files.createDirectories(parent(file));
        Files.writeString(
            file, separator + layer.text(), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
      }
      case ENV_FILE -> {
        Path file =
            inside(dir, annotation(layer, "com.docker.compose.envfile", reference), reference);
        Files.createDirectories(parent(file));
        Files.writeString(file, layer.text());
      }
      case EMPTY -> {}
      default -> {
        // Compose leaves layers that it does not know alone, such as pictures of the project.
      }
    }
  }

  private static String annotation(Layer layer, String name, String reference) {
    String value = layer.annotations().get(name);
    if (value == null || value.isEmpty()) {
      throw new JcomposeException.Corrupt(
          "missing annotation " + name + " in a layer of " + reference);
    }
    return value;
  }

  private static Path inside(Path dir, String name, String reference) {
    Path file = dir.resolve(name).normalize();
    boolean hidden = List.of(name.split("/")).contains("..");
    if (hidden || !file.startsWith(dir) || file.equals(dir) || name.indexOf('\0') >= 0) {
      throw new JcomposeException.Corrupt(reference + " names a file outside of it: " + name);
    }
    return file;
  }

  private static Path parent(Path file) {
    Path parent = file.getParent();
    return parent == null ? file : parent;
  }
}
