package io.jcompose.api.build;

import io.jcompose.core.build.BuildSpec;
import io.jcompose.core.build.CachePlace;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * The images that Dockerfiles name in FROM, by a look at their lines alone: one that a variable
 * names is not among them; and those that are caches. It is for a caller's logins, before anything
 * is built. Stateless.
 */
public final class BaseImages {
  private static final int MOST_BYTES = 1 << 20;
  private static final String IMAGE = "docker-image://";

  private BaseImages() {}

  public static Stream<String> of(List<BuildSpec> specs) {
    return specs.stream()
        .flatMap(
            spec ->
                Stream.concat(
                    text(spec).lines().map(BaseImages::image),
                    Stream.concat(
                        spec.contexts().values().stream()
                            .filter(context -> context.startsWith(IMAGE))
                            .map(context -> context.substring(IMAGE.length())),
                        caches(spec))))
        .filter(name -> !name.isEmpty())
        .distinct();
  }

  private static Stream<String> caches(BuildSpec spec) {
    return Stream.concat(spec.cache().from().stream(), spec.cache().to().stream())
        .filter(place -> place.type() == CachePlace.Type.REGISTRY)
        .map(CachePlace::place);
  }

  /** Empty for a line that names none. */
  private static String image(String line) {
    List<String> words = List.of(line.strip().split("\\s+"));
    if (!words.getFirst().toUpperCase(Locale.ROOT).equals("FROM")) {
      return "";
    }
    return words.stream()
        .skip(1)
        .filter(word -> !word.startsWith("--"))
        .findFirst()
        .filter(word -> !word.contains("$") && !word.equals("scratch"))
        .orElse("");
  }

  /** Empty where it cannot be read: the build itself says why. */
  private static String text(BuildSpec spec) {
    if (spec.dockerfileText() != null) {
      return spec.dockerfileText();
    }
    if (spec.context().isEmpty() || spec.context().contains("://")) {
      return "";
    }
    String name = spec.dockerfile().isEmpty() ? "Dockerfile" : spec.dockerfile();
    try {
      Path file = Path.of(spec.context()).resolve(name);
      if (!Files.isRegularFile(file)) {
        return "";
      }
      try (InputStream input = Files.newInputStream(file)) {
        return new String(input.readNBytes(MOST_BYTES), StandardCharsets.UTF_8);
      }
    } catch (IOException | InvalidPathException e) {
      return "";
    }
  }
}
