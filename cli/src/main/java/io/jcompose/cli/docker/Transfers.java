package io.jcompose.cli.docker;

import io.jcompose.cli.command.Invocation;
import io.jcompose.cli.docker.DockerApi.Request;
import io.jcompose.cli.request.CallerLogins;
import io.jcompose.cli.terminal.CommandFailure;
import io.jcompose.cli.terminal.Console;
import io.jcompose.cli.terminal.Consoles;
import io.jcompose.cli.wire.HttpAnswer;
import io.jcompose.cli.wire.Json;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;

/** Images on their way between registries and the engine. Stateless. */
final class Transfers {
  private static final String TOKEN = "<token>";

  private Transfers() {}

  /** {@code docker pull}. */
  static int pull(Invocation invocation) throws IOException {
    ImageName image = ImageName.parse(invocation.arguments().getFirst());
    Console console = Consoles.current();
    boolean quiet = invocation.has("quiet");
    String login = login(invocation, image);
    if (!image.isTagged() && !quiet) {
      console.say("Using default tag: latest\n");
    }
    pull(invocation, image, login, quiet ? OutputStream.nullOutputStream() : console.out(), 1);
    console.say(image.canonical() + "\n");
    return 0;
  }

  /**
   * Pulls an image.
   *
   * @param login a line of the request's head, of {@link #login}
   * @param shown where its progress is told
   * @param fd whose terminal that is
   */
  static void pull(Invocation invocation, ImageName image, String login, OutputStream shown, int fd)
      throws IOException {
    Map<String, String> query = new LinkedHashMap<>();
    query.put("fromImage", image.name());
    query.put("tag", image.tag());
    query.put("platform", platform(invocation));
    boolean terminal = !invocation.has("quiet") && Consoles.current().isTerminal(fd);
    try (HttpAnswer answer =
        new DockerApi(invocation).open(Request.post("/images/create", query).with(login))) {
      new JsonMessages(shown, terminal).show(answer);
    }
  }

  /** The platform that is asked for; empty for the host's. */
  static String platform(Invocation invocation) {
    String given = invocation.text("platform");
    return given.isEmpty() ? invocation.env().getOrDefault("DOCKER_DEFAULT_PLATFORM", "") : given;
  }

  /** {@code docker push} of one image. */
  static int push(Invocation invocation) throws IOException {
    ImageName image = ImageName.parse(invocation.arguments().getFirst());
    Console console = Consoles.current();
    boolean quiet = invocation.has("quiet");
    String login = login(invocation, image);
    if (!image.isTagged() && !quiet) {
      console.say("Using default tag: latest\n");
    }
    Map<String, String> query = Map.of("tag", image.tag());
    String path = "/images/" + image.name() + "/push";
    try (HttpAnswer answer =
        new DockerApi(invocation).open(Request.post(path, query).with(login))) {
      OutputStream shown = quiet ? OutputStream.nullOutputStream() : console.out();
      new JsonMessages(shown, !quiet && console.isTerminal(1)).show(answer);
    }
    if (quiet) {
      console.say(image.canonical() + "\n");
    }
    return 0;
  }

  static int tag(Invocation invocation) throws IOException {
    String source = invocation.arguments().get(0);
    String target = invocation.arguments().get(1);
    ImageName name;
    try {
      name = ImageName.parse(target);
    } catch (CommandFailure e) {
      throw new CommandFailure(
          "Error parsing reference: \"" + target + "\" is not a valid repository/tag: " + e.text(),
          1);
    }
    Map<String, String> query = Map.of("repo", name.name(), "tag", name.tag());
    String ignored =
        new DockerApi(invocation).text(Request.post("/images/" + source + "/tag", query));
    return 0;
  }

  /** The caller's login for the image's registry as a line of a request's head; empty for none. */
  static String login(Invocation invocation, ImageName image) {
    Map<String, String> login = CallerLogins.of(invocation, image.domain());
    if (login.isEmpty()) {
      return "";
    }
    Map<String, Object> members = new LinkedHashMap<>();
    String user = login.getOrDefault("user", "");
    String secret = login.getOrDefault("secret", "");
    if (user.equals(TOKEN)) {
      members.put("identitytoken", secret);
    } else {
      members.put("username", user);
      members.put("password", secret);
    }
    members.put("serveraddress", image.domain());
    byte[] json = new Json().value(members).toString().getBytes(StandardCharsets.UTF_8);
    return "X-Registry-Auth: " + Base64.getUrlEncoder().encodeToString(json) + "\r\n";
  }
}
