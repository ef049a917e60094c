package io.jcompose.api.docker;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.jcompose.api.ApiPorts;
import io.jcompose.api.answer.ApiError;
import io.jcompose.api.answer.ProgressLines;
import io.jcompose.api.docker.call.Call;
import io.jcompose.api.docker.call.Refusal;
import io.jcompose.api.docker.call.Routes;
import io.jcompose.api.text.JsonText;
import io.jcompose.core.ImageReference;
import io.jcompose.core.Images;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.RegistryLogins;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Images on their way: pulled, pushed, saved, loaded; progress as lines of JSON. */
final class ImageTransfers {
  private static final String TAR = "application/x-tar";
  private static final int LONGEST_LOGIN = 64 << 10;
  private static final Pattern TAG_OR_DIGEST = Pattern.compile("[\\w][\\w.:+-]{0,200}");

  private final Images images;

  ImageTransfers(ApiPorts ports) {
    this.images = ports.images();
  }

  void addTo(Routes routes) {
    routes.post("/images/create", this::pull);
    routes.post("/images/load", this::load);
    routes.post("/images/{name*}/push", this::push);
    routes.get("/images/get", call -> save(call, call.queries("names")));
    routes.get("/images/{name*}/get", call -> save(call, List.of(call.name("name"))));
  }

  /** What a client is told while it waits. */
  private interface Work {
    void run(ProgressLines progress, LateStream output) throws IOException;
  }

  private void pull(Call call) throws IOException {
    if (!call.query("fromSrc").isEmpty()) {
      throw Refusal.notYet("imports by Docker's API");
    }
    ImageReference reference =
        ImageReference.parse(named(call.query("fromImage"), call.query("tag")));
    String platform = call.query("platform");
    RegistryLogins logins = logins(call, reference.domain());
    String familiar = reference.familiar();
    carryOut(
        call,
        logins,
        (progress, output) -> {
          String before = images.find(familiar).map(Images.ImageView::id).orElse("");
          Images.ImageView image = images.pull(familiar, platform, progress);
          progress.flush();
          image.repoDigests().stream()
              .filter(digest -> digest.startsWith(reference.familiarName() + "@"))
              .findFirst()
              .map(digest -> digest.substring(digest.indexOf('@') + 1))
              .ifPresent(digest -> line(output, Map.of("status", "Digest: " + digest)));
          boolean same = image.id().equals(before);
          String what = same ? "Image is up to date for " : "Downloaded newer image for ";
          line(output, Map.of("status", "Status: " + what + familiar));
        });
  }

  private void push(Call call) throws IOException {
    ImageReference reference = ImageReference.parse(named(call.name("name"), call.query("tag")));
    if (call.query("tag").isEmpty() && reference.digest() == null) {
      throw Refusal.notYet("pushes of all tags at once");
    }
    RegistryLogins logins = logins(call, reference.domain());
    ImageRoutes.find(images, reference.familiar());
    carryOut(
        call,
        logins,
        (progress, output) -> {
          String repository = reference.domain() + "/" + reference.path();
          line(output, Map.of("status", "The push refers to repository [" + repository + "]"));
          Images.Pushed pushed = images.push(reference.familiar(), progress);
          progress.flush();
          String told =
              "%s: digest: %s size: %d"
                  .formatted(pushed.tag(), pushed.digest(), pushed.sizeBytes());
          line(output, Map.of("status", told));
          Map<String, Object> aux = new LinkedHashMap<>();
          aux.put("Tag", pushed.tag());
          aux.put("Digest", pushed.digest());
          aux.put("Size", pushed.sizeBytes());
          Map<String, Object> last = new LinkedHashMap<>();
          last.put("progressDetail", Map.of());
          last.put("aux", aux);
          line(output, last);
        });
  }

  /** Errors before the first line are an answer of their own; later ones are the last line. */
  private static void carryOut(Call call, RegistryLogins logins, Work work) throws IOException {
    Thread worker = Thread.currentThread();
    LateStream output = new LateStream(call.exchange(), Call.JSON, worker::interrupt);
    ProgressLines progress =
        new ProgressLines(
            members -> {
              if (members.containsKey("parent_id")) {
                line(output, layer(members));
              }
            },
            logins);
    try {
      work.run(progress, output);
    } catch (RuntimeException e) {
      progress.flush();
      if (!call.exchange().isStarted()) {
        throw e;
      }
      ApiError.log(e);
      Map<String, Object> error = new LinkedHashMap<>();
      error.put("errorDetail", Map.of("message", Refusal.message(e)));
      error.put("error", Refusal.message(e));
      line(output, error);
    } finally {
      progress.gone();
    }
  }

  /** A layer's row in Docker's members. */
  private static Map<String, Object> layer(Map<String, Object> members) {
    Map<String, Object> detail = new LinkedHashMap<>();
    for (String count : List.of("current", "total")) {
      if (members.get(count) instanceof Long bytes && bytes > 0) {
        detail.put(count, bytes);
      }
    }
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("status", members.get("status"));
    line.put("progressDetail", detail);
    line.put("id", members.get("id"));
    return line;
  }

  private static void line(LateStream output, Map<String, Object> document) {
    byte[] bytes = (JsonText.of(document) + "\r\n").getBytes(StandardCharsets.UTF_8);
    synchronized (output) { // rows come on a thread of their own
      try {
        output.write(bytes);
      } catch (IOException e) {
        throw new JcomposeException.Cancelled("the client has left");
      }
    }
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

  /** The caller's own, and never the engine's. */
  private static RegistryLogins logins(Call call, String registry) {
    String header = call.exchange().head().header("x-registry-auth");
    if (header.isEmpty() || header.length() > LONGEST_LOGIN) {
      return new RegistryLogins.OfCaller(Map.of());
    }
    try {
      JsonNode auth = JsonText.MAPPER.readTree(decoded(header));
      String token = auth.path("identitytoken").asText("");
      String user = auth.path("username").asText("");
      if (token.isEmpty() && user.isEmpty()) {
        return new RegistryLogins.OfCaller(Map.of());
      }
      RegistryLogins.Login login =
          token.isEmpty()
              ? new RegistryLogins.Login(user, auth.path("password").asText(""))
              : new RegistryLogins.Login(RegistryLogins.Login.IDENTITY_TOKEN, token);
      return new RegistryLogins.OfCaller(Map.of(registry, login));
    } catch (IllegalArgumentException | JsonProcessingException e) {
      throw new Refusal(400, "invalid X-Registry-Auth header");
    }
  }

  private static String decoded(String header) {
    String plain = header.replace('-', '+').replace('_', '/').replaceAll("[=\\s]", "");
    return new String(Base64.getDecoder().decode(plain), StandardCharsets.UTF_8);
  }

  private void load(Call call) throws IOException {
    List<Images.Loaded> all = call.taking(images::load);
    LateStream output = new LateStream(call.exchange(), Call.JSON, null);
    for (Images.Loaded one : all) {
      String what =
          one.reference().isEmpty()
              ? "Loaded image ID: " + one.id()
              : "Loaded image: " + one.reference();
      line(output, Map.of("stream", what + "\n"));
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
