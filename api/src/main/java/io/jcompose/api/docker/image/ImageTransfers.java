package io.jcompose.api.docker.image;

import io.jcompose.api.ApiPorts;
import io.jcompose.api.answer.ProgressLines;
import io.jcompose.api.docker.call.Call;
import io.jcompose.api.docker.call.LateStream;
import io.jcompose.api.docker.call.Refusal;
import io.jcompose.api.docker.call.Routes;
import io.jcompose.core.ImageReference;
import io.jcompose.core.Images;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.RegistryLogins;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
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
    routes.get("/images/get", call -> save(call, call.queries("names")));
    routes.get("/images/{name*}/get", call -> save(call, List.of(call.name("name"))));
  }

  private void pull(Call call) throws IOException {
    if (!call.query("fromSrc").isEmpty()) {
      importRoot(call);
      return;
    }
    ImageReference reference =
        ImageReference.parse(named(call.query("fromImage"), call.query("tag")));
    String platform = call.query("platform");
    RegistryLogins logins = RegistryHeaders.auth(call, reference.domain());
    String familiar = reference.familiar();
    Beginning begun = new Beginning(reference);
    JsonProgress.carryOut(
        call,
        logins,
        members -> begun.before(JsonProgress.layer(members)),
        (progress, output) -> {
          String before = images.find(familiar).map(Images.ImageView::id).orElse("");
          Images.ImageView image = fetched(familiar, platform, progress);
          progress.flush();
          begun.missing().forEach(line -> JsonProgress.line(output, line));
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

  private Images.ImageView fetched(String name, String platform, ProgressLines progress) {
    try {
      return images.pull(name, platform, progress);
    } catch (JcomposeException.Unavailable e) {
      throw Refusal.unreachable(e);
    }
  }

  /** A root file system's archive, which becomes an image of one layer. */
  private void importRoot(Call call) throws IOException {
    if (!call.query("fromSrc").equals("-")) {
      throw Refusal.notYet("imports of what an address names");
    }
    String repository = call.query("repo");
    Images.Import options =
        new Images.Import(
            repository.isEmpty() ? "" : named(repository, call.query("tag")),
            call.queries("changes").stream().filter(line -> !line.isBlank()).toList(),
            call.query("message"),
            call.query("platform"));
    String id = call.taking(body -> images.importRoot(body, options));
    LateStream output = new LateStream(call.exchange(), Call.JSON, null);
    JsonProgress.line(output, Map.of("status", id));
  }

  /** The first line of a pull, which comes once it is known that there is such an image. */
  private static final class Beginning {
    private final Map<String, Object> line = new LinkedHashMap<>();
    private final AtomicBoolean told = new AtomicBoolean();

    Beginning(ImageReference reference) {
      line.put("status", "Pulling from " + reference.path());
      line.put("id", reference.manifestReference());
    }

    List<Map<String, Object>> before(List<Map<String, Object>> lines) {
      if (lines.isEmpty()) {
        return lines;
      }
      List<Map<String, Object>> all = new ArrayList<>(missing());
      all.addAll(lines);
      return all;
    }

    List<Map<String, Object>> missing() {
      return told.getAndSet(true) ? List.of() : List.of(line);
    }
  }

  static String named(String name, String tag) {
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
