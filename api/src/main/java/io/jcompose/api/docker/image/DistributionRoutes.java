package io.jcompose.api.docker.image;

import io.jcompose.api.ApiPorts;
import io.jcompose.api.docker.call.Call;
import io.jcompose.api.docker.call.Routes;
import io.jcompose.core.ImageReference;
import io.jcompose.core.Images;
import io.jcompose.core.JcomposeException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code GET /distribution/{name}/json}: what a registry has under a name. */
public final class DistributionRoutes {
  private final Images images;

  public DistributionRoutes(ApiPorts ports) {
    this.images = ports.images();
  }

  public void addTo(Routes routes) {
    routes.get("/distribution/{name*}/json", this::answer);
  }

  private void answer(Call call) throws IOException {
    ImageReference reference = ImageReference.parse(call.name("name"));
    Images.Published found;
    try {
      found =
          images.published(reference.toString(), RegistryHeaders.auth(call, reference.domain()));
    } catch (JcomposeException.NotFound e) {
      throw new JcomposeException.NotFound("manifest unknown: manifest unknown"); // as registries
    }
    Map<String, Object> descriptor = new LinkedHashMap<>();
    descriptor.put("mediaType", found.mediaType());
    descriptor.put("digest", found.digest().toString());
    descriptor.put("size", found.sizeBytes());
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("Descriptor", descriptor);
    answer.put("Platforms", found.platforms().isEmpty() ? null : platforms(found.platforms()));
    call.json(answer);
  }

  private static List<Object> platforms(List<String> texts) {
    List<Object> all = new ArrayList<>();
    for (String text : texts) {
      String[] parts = text.split("/", 3);
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("architecture", parts[1]);
      one.put("os", parts[0]);
      if (parts.length > 2) {
        one.put("variant", parts[2]);
      }
      all.add(one);
    }
    return all;
  }
}
