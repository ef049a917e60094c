package io.jcompose.api.docker.image;

import io.jcompose.api.ApiPorts;
import io.jcompose.api.docker.call.Call;
import io.jcompose.api.docker.call.LateStream;
import io.jcompose.api.docker.call.Refusal;
import io.jcompose.api.docker.call.Routes;
import io.jcompose.core.ImageReference;
import io.jcompose.core.Images;
import io.jcompose.core.RegistryLogins;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Images on their way: pulled, pushed, saved, loaded; progress as lines of JSON. */
public final class ImageTransfers {
  private static final String TAR = "application/x-tar";
  private static final Pattern TAG_OR_DIGEST = Pattern.compile("[\\w][\\w.:+-]{0,200}");

  private final Images images;

  public ImageTransfers(ApiPorts ports) {
    this.images = ports.images();
  }

  public void addTo(Routes routes) {
    routes.post("/images/create", this::pull);
    routes.post("/images/load", this::load);
    routes.post("/images/{name*}/push", this::push);
    routes.get("/images/get", call -> save(call, call.queries("names")));
    routes.get("/images/{name*}/get", call -> save(call, List.of(call.name("name"))));
  }

  private void pull(Call call) throws IOException {
    if (!call.query("fromSrc").isEmpty()) {
      throw Refusal.notYet("imports by Docker's API");
    }
    ImageReference reference =
        ImageReference.parse(named(call.query("fromImage"), call.query("tag")));
    String platform = call.query("platform");
    RegistryLogins logins = RegistryHeaders.auth(call, reference.domain());
    String familiar = reference.familiar();
    JsonProgress.carryOut(
        call,
        logins,
        JsonProgress::layer,
        (progress, output) -> {
          String before = images.find(familiar).map(Images.ImageView::id).orElse("");
          Images.ImageView image = images.pull(familiar, platform, progress);
          progress.flush();
          image.repoDigests().stream()
              .filter(digest -> digest.startsWith(reference.familiarName() + "@"))
              .findFirst()
              .map(digest -> digest.substring(digest.indexOf('@') + 1))
              .ifPresent(
                  digest -> JsonProgress.line(output, Map.of("status", "Digest: " + digest)));
          boolean same = image.id().equals(before);
          String what = same ? "Image is up to date for " : "Downloaded newer image for ";
          JsonProgress.line(output, Map.of("status", "Status: " + what + familiar));
        });
  }

  private void push(Call call) throws IOException {
    ImageReference reference = ImageReference.parse(named(call.name("name"), call.query("tag")));
    if (call.query("tag").isEmpty() && reference.digest() == null) {
      throw Refusal.notYet("pushes of all tags at once");
    }
    RegistryLogins logins = RegistryHeaders.auth(call, reference.domain());
    ImageRoutes.find(images, reference.familiar());
    JsonProgress.carryOut(
        call,
        logins,
        JsonProgress::layer,
        (progress, output) -> {
          String repository = reference.domain() + "/" + reference.path();
          JsonProgress.line(
              output, Map.of("status", "The push refers to repository [" + repository + "]"));
          Images.Pushed pushed = images.push(reference.familiar(), progress);
          progress.flush();
          String told =
              "%s: digest: %s size: %d"
                  .formatted(pushed.tag(), pushed.digest(), pushed.sizeBytes());
          JsonProgress.line(output, Map.of("status", told));
          Map<String, Object> aux = new LinkedHashMap<>();
          aux.put("Tag", pushed.tag());
          aux.put("Digest", pushed.digest());
          aux.put("Size", pushed.sizeBytes());
          Map<String, Object> last = new LinkedHashMap<>();
          last.put("progressDetail", Map.of());
          last.put("aux", aux);
          JsonProgress.line(output, last);
        });
  }

  private static String named(String name, String tag) {
    if (tag.isEmpty()) {
      return name;
    }
    if (!TAG_OR_DIGEST.matcher(tag).matches()) {
      throw new Refusal(400, "invalid tag format");
    }
    return name + (tag.contains(":") ? "@" : ":") + tag;
  }

  private void load(Call call) throws IOException {
    List<Images.Loaded> all = call.taking(images::load);
    LateStream output = new LateStream(call.exchange(), Call.JSON, null);
    for (Images.Loaded one : all) {
      String what =
          one.reference().isEmpty()
              ? "Loaded image ID: " + one.id()
              : "Loaded image: " + one.reference();
      JsonProgress.line(output, Map.of("stream", what + "\n"));
    }
    output.open();
  }

  private void save(Call call, List<String> names) throws IOException {
    if (names.isEmpty()) {
      throw new Refusal(400, "no image is named");
    }
    LateStream output = new LateStream(call.exchange(), TAR, null);
    images.save(names, output);
    output.open();
  }
}
