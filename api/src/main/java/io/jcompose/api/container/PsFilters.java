package io.jcompose.api.container;

import io.jcompose.api.inspect.MountsJson;
import io.jcompose.api.request.CommandRequest;
import io.jcompose.api.request.NamePattern;
import io.jcompose.api.request.NamedFilters;
import io.jcompose.core.ContainerView;
import io.jcompose.core.ImageReference;
import io.jcompose.core.JcomposeException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;

/**
 * The filters of {@code ps}: Docker Compose's {@code status}, and docker's for lists of containers.
 * Immutable.
 */
public record PsFilters(NamedFilters filters) {
  private static final List<String> KNOWN =
      List.of("ancestor", "exited", "health", "id", "label", "name", "network", "status", "volume");

  /**
   * Takes the options apart.
   *
   * @throws JcomposeException.InvalidArgument for another name
   */
  static PsFilters parse(CommandRequest request) {
    return new PsFilters(NamedFilters.parse(request, KNOWN));
  }

  /** The states asked for; those of containers that do not run are among them. */
  List<String> states() {
    return filters.of("status");
  }

  /** True when all but the state is as asked for. */
  public boolean fits(ContainerView view) {
    return isAny("name", text -> found(text, view.name(), "/" + view.name()))
        && isAny("id", text -> view.id().startsWith(text))
        && isAny("ancestor", text -> isOf(text, view))
        && isAny("exited", text -> isEnded(view) && text.equals(String.valueOf(view.exitCode())))
        && filters.is("health", view.health().name().toLowerCase(Locale.ROOT))
        && isAny("network", text -> isOn(text, view))
        && isAny("volume", text -> MountsJson.names(view).contains(text) || has(text, view))
        && filters.labels(view.labels());
  }

  private boolean isAny(String name, Predicate<String> wanted) {
    return filters.of(name).isEmpty() || filters.of(name).stream().anyMatch(wanted);
  }

  private static boolean isEnded(ContainerView view) {
    return view.state() == ContainerView.State.EXITED || view.state() == ContainerView.State.DEAD;
  }

  /** By the name that it was made with, whether its tag was written or not, or by its id. */
  private static boolean isOf(String image, ContainerView view) {
    String id = view.imageId().substring(view.imageId().indexOf(':') + 1);
    return view.imageId().equals(image)
        || (image.length() >= 4 && id.startsWith(image))
        || isSame(image, view.spec().image());
  }

  private static boolean isSame(String asked, String image) {
    try {
      return ImageReference.parse(asked).equals(ImageReference.parse(image));
    } catch (JcomposeException e) {
      return false; // ids of nothing that is here
    }
  }

  private static boolean isOn(String network, ContainerView view) {
    return view.endpoints().stream()
        .anyMatch(
            endpoint ->
                endpoint.networkName().equals(network) || endpoint.networkId().startsWith(network));
  }

  private static boolean has(String target, ContainerView view) {
    return view.spec().mounts().stream().anyMatch(mount -> mount.target().equals(target))
        || Map.copyOf(view.anonymousVolumes()).containsKey(target);
  }

  /** A regular expression, as docker takes it. */
  private static boolean found(String pattern, String... texts) {
    NamePattern compiled = NamePattern.of(pattern);
    return List.of(texts).stream().anyMatch(compiled::isIn);
  }
}
