package io.jcompose.api.docker.image;

import io.jcompose.api.ApiPorts;
import io.jcompose.api.docker.call.Call;
import io.jcompose.api.docker.call.LateStream;
import io.jcompose.api.docker.call.Routes;
import io.jcompose.core.ImageReference;
import io.jcompose.core.Images;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.RegistryLogins;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code POST /images/{name}/push}: one tag of a repository, or all that it has here. */
public final class ImagePushes {
  private final Images images;

  public ImagePushes(ApiPorts ports) {
    this.images = ports.images();
  }

  public void addTo(Routes routes) {
    routes.post("/images/{name*}/push", this::push);
  }

  private void push(Call call) throws IOException {
    String tag = call.query("tag");
    ImageReference asked = ImageReference.parse(ImageTransfers.named(call.name("name"), tag));
    boolean one = !tag.isEmpty() || asked.digest() != null;
    List<String> known = tagsOf(asked);
    List<String> names = one ? List.of(asked.familiar()) : known;
    RegistryLogins logins = RegistryHeaders.auth(call, asked.domain());
    JsonProgress.carryOut(
        call,
        logins,
        JsonProgress::layer,
        (progress, output) -> {
          String repository = asked.domain() + "/" + asked.path();
          JsonProgress.line(
              output, Map.of("status", "The push refers to repository [" + repository + "]"));
          if (known.isEmpty() && asked.digest() == null) {
            throw new JcomposeException.NotFound(
                "An image does not exist locally with the tag: " + asked.familiarName());
          }
          for (String name : names) {
            if (images.find(name).isEmpty()) {
              throw new JcomposeException.NotFound("tag does not exist: " + name);
            }
            Images.Pushed pushed = images.push(name, progress);
            progress.flush();
            tell(pushed, output);
          }
        });
  }

  /** All of its names here, sorted. */
  private List<String> tagsOf(ImageReference repository) {
    String prefix = repository.familiarName() + ":";
    return images.list().stream()
        .flatMap(image -> image.references().stream())
        .filter(name -> name.startsWith(prefix) && name.lastIndexOf(':') == prefix.length() - 1)
        .sorted()
        .toList();
  }

  private static void tell(Images.Pushed pushed, LateStream output) {
    String told =
        "%s: digest: %s size: %d".formatted(pushed.tag(), pushed.digest(), pushed.sizeBytes());
    JsonProgress.line(output, Map.of("status", told));
    Map<String, Object> aux = new LinkedHashMap<>();
    aux.put("Tag", pushed.tag());
    aux.put("Digest", pushed.digest());
    aux.put("Size", pushed.sizeBytes());
    Map<String, Object> last = new LinkedHashMap<>();
    last.put("progressDetail", Map.of());
    last.put("aux", aux);
    JsonProgress.line(output, last);
  }
}
