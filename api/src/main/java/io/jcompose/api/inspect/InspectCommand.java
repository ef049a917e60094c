package io.jcompose.api.inspect;

import io.jcompose.api.ApiPorts;
import io.jcompose.api.answer.EachWord;
import io.jcompose.api.answer.ListFormat;
import io.jcompose.api.host.ImageCommands;
import io.jcompose.api.host.NetworkCommands;
import io.jcompose.api.host.VolumeCommands;
import io.jcompose.api.request.CommandRequest;
import io.jcompose.api.request.ContainerRefs;
import io.jcompose.core.JcomposeException;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * {@code inspect}: containers as JSON in the shape of Docker's API, {@code GET
 * /containers/{id}/json}, or else the image, network or volume of a name.
 */
public final class InspectCommand {
  private static final List<String> TYPES = List.of("", "container", "image", "network", "volume");

  /** Shorter than what lists show. */
  private static final Pattern CUT_ID = Pattern.compile("[0-9a-f]{1,11}");

  private final ContainerRefs refs;
  private final ContainerJson containers;
  private final ImageCommands imageCommands;
  private final NetworkCommands networkCommands;
  private final VolumeCommands volumeCommands;

  public InspectCommand(ContainerRefs refs, ApiPorts ports, Clock clock) {
    this.refs = refs;
    this.containers = new ContainerJson(ports);
    this.imageCommands = new ImageCommands(ports.containers(), ports.images(), clock);
    this.networkCommands = new NetworkCommands(ports.containers(), ports.networks());
    this.volumeCommands = new VolumeCommands(ports.containers(), ports.volumes());
  }

  public String render(CommandRequest request) {
    if (request.arguments().isEmpty()) {
      throw new JcomposeException.InvalidArgument("name at least one service or container");
    }
    String type = request.text("type");
    if (!TYPES.contains(type)) {
      throw new JcomposeException.InvalidArgument(
          "\"" + type + "\" is not a valid value for --type: container, image, network or volume");
    }
    return EachWord.found(
        request.arguments(),
        word -> object(request, type, word),
        found -> ListFormat.inspect(request, found));
  }

  private Map<String, Object> object(CommandRequest request, String type, String word) {
    return switch (type) {
      case "container" -> container(request, word);
      case "image" -> known(imageCommands.object(word), type, word);
      case "network" -> known(networkCommands.object(word), type, word);
      case "volume" -> known(volumeCommands.object(word), type, word);
      default -> any(request, word);
    };
  }

  /** In docker's order. */
  private Map<String, Object> any(CommandRequest request, String word) {
    try {
      return container(request, word);
    } catch (JcomposeException.NotFound | JcomposeException.InvalidArgument e) {
      if (CUT_ID.matcher(word).matches()) {
        throw e; // a service `db` without a container is no image whose id begins so
      }
      return imageCommands
          .object(word)
          .or(() -> networkCommands.object(word))
          .or(() -> volumeCommands.object(word))
          .orElseThrow(() -> e);
    }
  }

  private static Map<String, Object> known(
      Optional<Map<String, Object>> object, String kind, String word) {
    return object.orElseThrow(
        () -> new JcomposeException.NotFound("No such " + kind + ": " + word));
  }

  private Map<String, Object> container(CommandRequest request, String word) {
    return containers.object(refs.any(request, word), request.has("size"));
  }
}
