package io.jcompose.scheduler.desired;

import io.jcompose.core.JcomposeException;
import io.jcompose.scheduler.BuildMode;
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
 * @param buildable one of them builds it, where it is not there and cannot be pulled
 * @param rebuilt one of them builds it also where it is there
 */
public record WantedImage(
    Set<String> references, String platform, Policy policy, boolean buildable, boolean rebuilt) {
  /** Whether it is pulled, the mildest first. */
  public enum Policy {
    NEVER,
    MISSING,
    ALWAYS;

    private static Policy of(String word) {
      return switch (word) {
        case "always" -> ALWAYS;
        case "never", "build" -> NEVER;
        default -> MISSING;
      };
    }
  }

  /**
   * The images of services, each once.
   *
   * @throws JcomposeException.InvalidArgument when services want one image for several platforms,
   *     for a name stands for one
   */
  public static List<WantedImage> of(ImageNeeds needs) {
    Map<String, WantedImage> found = new LinkedHashMap<>();
    Map<String, Desired.Service> first = new LinkedHashMap<>();
    for (Desired.Service service : needs.services()) {
      String reference = service.template().image();
      WantedImage wanted = of(needs, service);
      Desired.Service before = first.putIfAbsent(ImageNames.full(reference), service);
      if (before != null && !full(before).equals(full(service))) {
        throw new JcomposeException.InvalidArgument(
            "services %s and %s want the image %s for %s and %s: its name stands for one of them; "
                    .formatted(
                        before.name(), service.name(), reference, full(before), full(service))
                + "give both the same `platform`, or name the images by digest");
      }
      found.merge(ImageNames.full(reference), wanted, WantedImage::and);
    }
    return List.copyOf(found.values());
  }

  /** Docker Compose takes {@code --build} for a policy of the services that are built. */
  private static WantedImage of(ImageNeeds needs, Desired.Service service) {
    boolean own = needs.pull().isEmpty() || needs.pull().equals("policy");
    boolean built = needs.builds().isBuilt(service.name());
    String word = own ? service.pullPolicy() : needs.pull();
    boolean all = built && needs.mode() == BuildMode.ALL;
    boolean rebuilt = all || (built && word.equals("build") && needs.mode() != BuildMode.NEVER);
    boolean pulled = needs.builds().isNamed(service.name()) && !all;
    return new WantedImage(
        new LinkedHashSet<>(Set.of(service.template().image())),
        service.platform(),
        pulled ? Policy.of(word) : Policy.NEVER,
        built,
        rebuilt);
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
        policy.compareTo(other.policy) >= 0 ? policy : other.policy,
        buildable || other.buildable,
        rebuilt || other.rebuilt);
  }

  private static String full(Desired.Service service) {
    String given = service.platform().toLowerCase(Locale.ROOT);
    String text = given.isEmpty() ? "linux/" + System.getProperty("os.arch") : given;
    return text.replace("x86_64", "amd64").replace("x86-64", "amd64").replace("aarch64", "arm64");
  }
}
