package io.jcompose.images.oci;

import io.jcompose.core.JcomposeException;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * An operating system and processor, normalised as github.com/containerd/platforms does.
 *
 * @param variant {@code v7}; empty for the architecture's default
 */
public record Platform(String os, String architecture, String variant) {
  private static final Pattern PART = Pattern.compile("[A-Za-z0-9_.-]+");

  public Platform {
    os = os.toLowerCase(Locale.ROOT);
    architecture = architecture.toLowerCase(Locale.ROOT);
    variant = variant.toLowerCase(Locale.ROOT);
    switch (architecture) {
      case "x86_64", "x86-64" -> architecture = "amd64";
      case "aarch64" -> architecture = "arm64";
      case "i386", "i686" -> architecture = "386";
      case "armhf" -> {
        architecture = "arm";
        variant = "v7";
      }
      case "armel" -> {
        architecture = "arm";
        variant = "v6";
      }
      default -> {}
    }
    if (architecture.equals("arm64") && (variant.equals("8") || variant.equals("v8"))) {
      variant = "";
    }
    if (architecture.equals("arm") && variant.isEmpty()) {
      variant = "v7";
    }
    if (architecture.equals("amd64") && variant.equals("v1")) {
      variant = "";
    }
  }

  /** {@code os/arch[/variant]}, {@code arch} or {@code os}; empty is the host's. */
  public static Platform parse(String text) {
    if (text.isEmpty()) {
      return host();
    }
    String[] parts = text.split("/", -1);
    if (parts.length > 3 || !Stream.of(parts).allMatch(part -> PART.matcher(part).matches())) {
      throw new JcomposeException.InvalidArgument(
          "\"" + text + "\" is an invalid platform: os/architecture[/variant] is expected");
    }
    return switch (parts.length) {
      case 1 -> parts[0].equalsIgnoreCase("linux") ? host() : new Platform("linux", parts[0], "");
      case 2 -> new Platform(parts[0], parts[1], "");
      default -> new Platform(parts[0], parts[1], parts[2]);
    };
  }

  /** The machine that this runs on. */
  public static Platform host() {
    return new Platform("linux", System.getProperty("os.arch"), Processor.host().armVariant());
  }

  /** This platform and those whose programs it can run here, best first. */
  public List<Platform> runnable() {
    return runnable(Processor.host());
  }

  /**
   * For amd64 without a level, the plain one first, as Docker chooses, then those that the
   * processor has: a program for a higher one dies of an illegal instruction.
   */
  List<Platform> runnable(Processor processor) {
    return switch (architecture) {
      case "amd64" ->
          Stream.concat(
                  variant.isEmpty()
                      ? Stream.concat(levels(1, 1), levels(processor.amd64Level(), 2))
                      : levels(level(1), 1),
                  Stream.of(new Platform(os, "386", "")))
              .toList();
      case "arm" -> levels(level(7), 5).toList();
      case "arm64" ->
          Stream.concat(
                  Stream.of(this, new Platform(os, "arm64", "")),
                  IntStream.of(8, 7, 6, 5).mapToObj(v -> new Platform(os, "arm", "v" + v)))
              .distinct()
              .toList();
      default -> List.of(this);
    };
  }

  private Stream<Platform> levels(int from, int to) {
    return IntStream.iterate(from, v -> v >= to, v -> v - 1)
        .mapToObj(v -> new Platform(os, architecture, "v" + v));
  }

  private int level(int otherwise) {
    boolean numbered = variant.matches("v\\d");
    return numbered ? variant.charAt(1) - '0' : otherwise;
  }

  @Override
  public String toString() {
    return os + "/" + architecture + (variant.isEmpty() ? "" : "/" + variant);
  }
}
