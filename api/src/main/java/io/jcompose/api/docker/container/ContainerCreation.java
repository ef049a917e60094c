package io.jcompose.api.docker.container;

import io.jcompose.api.ApiPorts;
import io.jcompose.api.docker.call.Call;
import io.jcompose.api.docker.call.Refusal;
import io.jcompose.api.docker.call.Routes;
import io.jcompose.api.docker.create.DefaultBridge;
import io.jcompose.api.docker.create.Given;
import io.jcompose.api.docker.create.NameChoice;
import io.jcompose.api.docker.create.SpecRequest;
import io.jcompose.api.docker.model.ContainerCreateRequest;
import io.jcompose.core.ContainerSpec;
import io.jcompose.core.ContainerView;
import io.jcompose.core.Containers;
import io.jcompose.core.ImageReference;
import io.jcompose.core.Images;
import io.jcompose.core.Images.ImageView;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Networking.EndpointSpec;
import io.jcompose.core.Volumes;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** {@code POST /containers/create}. */
public final class ContainerCreation {
  private static final int ATTEMPTS = 20;
  static final Pattern NAME = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]+");

  private final Containers containers;
  private final Images images;
  private final DefaultBridge bridge;
  private final Volumes volumes;

  public ContainerCreation(ApiPorts ports) {
    this.containers = ports.containers();
    this.images = ports.images();
    this.bridge = new DefaultBridge(ports.networks());
    this.volumes = ports.volumes();
  }

  public void addTo(Routes routes) {
    routes.post("/containers/create", this::create);
  }

  private void create(Call call) throws IOException {
    ContainerCreateRequest asked = call.body(ContainerCreateRequest.class);
    if (asked.isEmpty()) {
      throw new Refusal(400, "config cannot be empty in order to create a container");
    }
    ImageView image = image(Given.text(asked.image()), call.query("platform"));
    String name = call.query("name");
    String wanted = name.startsWith("/") ? name.substring(1) : name;
    SpecRequest request = SpecRequest.of(wanted, asked, image, this::other);
    List<String> warnings = new ArrayList<>(request.warnings());
    warnings.addAll(containers.warnings(request.spec()));
    require(request, wanted);
    request.volumes().forEach(volumes::create);
    request.spec().networking().endpoints().stream()
        .map(EndpointSpec::network)
        .forEach(bridge::provide);
    Map<String, Object> made = new LinkedHashMap<>();
    made.put(
        "Id", wanted.isEmpty() ? createNamed(request.spec()) : containers.create(request.spec()));
    made.put("Warnings", warnings);
    call.json(201, made);
  }

  static String wrong(String name) {
    return "Invalid container name (" + name + "), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed";
  }

  /** Before anything is made for it. */
  private void require(SpecRequest request, String name) {
    if (!name.isEmpty() && !NAME.matcher(name).matches()) {
      throw new Refusal(400, wrong(name));
    }
    containers
        .find(name)
        .filter(view -> view.name().equals(name))
        .ifPresent(
            view -> {
              throw new JcomposeException.Conflict(
                  "Conflict. The container name \"/"
                      + name
                      + "\" is already in use by container \""
                      + view.id()
                      + "\". You have to remove (or rename) that container to be able to reuse that"
                      + " name.");
            });
    List<JcomposeException> problems = containers.problems(request.spec());
    if (!problems.isEmpty()) {
      throw problems.getFirst();
    }
  }

  /** Not found (404) is for the image alone, which clients then pull. */
  private ContainerView other(String ref) {
    try {
      return ContainerRoutes.find(containers, ref);
    } catch (JcomposeException.NotFound e) {
      throw new Refusal(400, String.valueOf(e.getMessage()));
    }
  }

  private String createNamed(ContainerSpec spec) {
    for (int attempt = 0; ; attempt++) {
      try {
        return containers.create(spec.with().name(NameChoice.next(attempt)).build());
      } catch (JcomposeException.Conflict e) {
        if (attempt >= ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  private ImageView image(String text, String platform) {
    if (text.isEmpty()) {
      throw new Refusal(400, "no image specified");
    }
    ImageView image =
        images
            .find(text)
            .orElseThrow(() -> new JcomposeException.NotFound("No such image: " + full(text)));
    if (!platform.isEmpty() && !isOf(platform, image.platform())) {
      throw new Refusal(
          404,
          "image with reference "
              + text
              + " was found but its platform ("
              + image.platform()
              + ") does not match the specified platform ("
              + platform
              + ")");
    }
    return image;
  }

  /** Whether {@code linux/arm64} or {@code linux/arm64/v8} is meant by what was asked for. */
  private static boolean isOf(String asked, String image) {
    return asked.equals(image)
        || image.startsWith(asked + "/")
        || asked.startsWith(image + "/")
        || asked.equals("linux");
  }

  /** As people write it, with its tag. */
  private static String full(String text) {
    try {
      return ImageReference.parse(text).familiar();
    } catch (JcomposeException.InvalidArgument e) {
      return text;
    }
  }
}
