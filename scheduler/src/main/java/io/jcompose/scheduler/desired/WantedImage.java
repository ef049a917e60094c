package io.jcompose.scheduler.desired;

import io.jcompose.core.ImageReference;
import io.jcompose.core.JcomposeException;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * An image that one or more services want, with what they want of it together. Immutable.
 *
 * @param references the names that they give it; the first is asked for
 * @param platform what one of them states; empty is the host's
 * @param policy the strictest of theirs
 */
public record WantedImage(Set<String> references, String platform, Policy policy) {
  /** Whether it is pulled, the mildest first. */
  public enum Policy {
    NEVER,
    MISSING,
    ALWAYS;

    private static Policy of(String word) {
      return switch (word) {
        case "always" -> ALWAYS;
        case "never" -> NEVER;
        default -> MISSING;
      };
    }
  }

  /**
   * The images of services, each once.
   *
   * @param policy always, missing, never, or empty for each service's own
   * @throws JcomposeException.InvalidArgument when services want one image for several platforms,
   *     for a name stands for one
   */
  public static List<WantedImage> of(Collection<Desired.Service> services, String policy) {
    boolean own = policy.isEmpty() || policy.equals("policy");
    Map<String, WantedImage> found = new LinkedHashMap<>();
    Map<String, Desired.Service> first = new LinkedHashMap<>();
    for (Desired.Service service : services) {
      String reference = service.template().image();
      WantedImage wanted =
          new WantedImage(
              new LinkedHashSet<>(Set.of(reference)),
              service.platform(),
              Policy.of(own ? service.pullPolicy() : policy));
      Desired.Service before = first.putIfAbsent(full(reference), service);
      if (before != null && !full(before).equals(full(service))) {
        throw new JcomposeException.InvalidArgument(
            "services %s and %s want the image %s for %s and %s: its name stands for one of them; "
                    .formatted(
                        before.name(), service.name(), reference, full(before), full(service))
                + "give both the same `platform`, or name the images by digest");
      }
      found.merge(full(reference), wanted, WantedImage::and);
    }
    return List.copyOf(found.values());
  }

  public String reference() {
    return references.iterator().next();
  }

  private WantedImage and(WantedImage other) {
    Set<String> all = new LinkedHashSet<>(references);
    all.addAll(other.references);
    return new WantedImage(
        all,
        platform.isEmpty() ? other.platform : platform,
        policy.compareTo(other.policy) >= 0 ? policy : other.policy);
  }

  /** One text for all spellings of a name. */
  private static String full(String reference) {
    try {
      return ImageReference.parse(reference).toString();
    } catch (JcomposeException.InvalidArgument e) {
      return reference; // an id
    }
  }

  private static String full(Desired.Service service) {
    String given = service.platform().toLowerCase(Locale.ROOT);
    String text = given.isEmpty() ? "linux/" + System.getProperty("os.arch") : given;
    return text.replace("x86_64", "amd64").replace("x86-64", "amd64").replace("aarch64", "arm64");
  }
}
