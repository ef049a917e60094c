package io.jcompose.api.host;

import io.jcompose.api.answer.EachWord;
import io.jcompose.api.answer.ListFormat;
import io.jcompose.api.request.CommandRequest;
import io.jcompose.api.text.HumanText;
import io.jcompose.core.JcomposeException;
import io.jcompose.registry.Registry;
import io.jcompose.registry.RegistryContents.RepositoryRow;
import io.jcompose.registry.RegistryContents.TagRow;
import io.jcompose.registry.RegistrySettings;
import io.jcompose.registry.RegistryStatus;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

/** {@code registry}: the engine's own one, served and stopped; its content and users. */
final class RegistryCommands {
  static final String PREFIX = "registry/";

  private static final String REPOSITORY = "Repository";
  private static final String SIZE = "Size";
  private static final String PUSHED = "PushedSince";
  private static final ListFormat REPOSITORIES =
      ListFormat.of(
          REPOSITORY,
          10,
          REPOSITORY,
          "REPOSITORY",
          "Tags",
          "TAGS",
          "Untagged",
          "UNTAGGED",
          SIZE,
          "SIZE",
          PUSHED,
          "PUSHED");
  private static final ListFormat TAGS =
      ListFormat.of("Tag", 10, "Tag", "TAG", "Digest", "DIGEST", SIZE, "SIZE", PUSHED, "PUSHED");

  private final Registry registry;
  private final Clock clock;

  RegistryCommands(Registry registry, Clock clock) {
    this.registry = registry;
    this.clock = clock;
  }

  /** The answer to an endpoint of these; empty for any other name. */
  Optional<String> text(String name, CommandRequest request) {
    return switch (name) {
      case "serve" -> Optional.of(serve(request));
      case "stop" -> Optional.of(registry.stop() ? "" : "The registry was not served.\n");
      case "status" -> Optional.of(registry.status().map(this::shown).orElse(OFF));
      case "certificate" -> Optional.of(certificate());
      case "ls" -> Optional.of(list(request));
      case "rm" -> Optional.of(remove(request));
      case "user" ->
          Optional.of(
              entries(
                  request,
                  "user",
                  registry.users(),
                  user -> {
                    registry.addUser(user, request.member("password"));
                    return "";
                  },
                  registry::removeUser));
      case "token" ->
          Optional.of(
              entries(
                  request,
                  "token",
                  registry.tokens(),
                  token -> registry.addToken(token) + "\n",
                  registry::removeToken));
      default -> Optional.empty();
    };
  }

  private static final String OFF = "The registry is not served: jcompose registry serve\n";

  private String serve(CommandRequest request) {
    RegistrySettings base = RegistrySettings.DEFAULT;
    String untagged = request.text("untagged");
    if (!untagged.isEmpty() && !untagged.matches("-1|[0-9]{1,5}")) {
      throw new JcomposeException.InvalidArgument(
          "invalid number of days \"" + untagged + "\" for --untagged");
    }
    RegistrySettings wanted =
        new RegistrySettings(
                base.host(),
                base.port(),
                request.list("hostname"),
                file(request, "tls-cert"),
                file(request, "tls-key"),
                request.has("anonymous-pull"),
                untagged.isEmpty() ? base.untaggedDays() : Integer.parseInt(untagged),
                base.upstreams())
            .fetchingFrom(request.list("upstream"));
    List<String> words = request.arguments();
    return shown(registry.serve(words.isEmpty() ? wanted : wanted.at(words.getFirst())));
  }

  private static String file(CommandRequest request, String option) {
    String name = request.text(option);
    return name.isEmpty() ? "" : Path.of(request.member("cwd")).resolve(name).toString();
  }

  private String shown(RegistryStatus status) {
    RegistrySettings settings = status.settings();
    StringBuilder text =
        new StringBuilder("The registry is served at ").append(status.address()).append('\n');
    if (registry.users().isEmpty()) {
      text.append("Everybody on this host may pull and push: there are no users.\n");
    } else {
      text.append(
          settings.everybodyReads()
              ? "Everybody may pull, and its users may push.\n"
              : "Its users may pull and push: docker login.\n");
    }
    settings
        .upstreamPrefixes()
        .forEach(
            (host, prefix) ->
                text.append(
                    "Images of %s are fetched through it, and kept: docker pull %s/%s/NAME\n"
                        .formatted(host, at(status), prefix)));
    if (status.secure() && settings.certificate().isEmpty()) {
      String at = at(status);
      text.append(
          """
          Its certificate was made here. A client trusts it by
            sudo mkdir -p /etc/docker/certs.d/%s
            ssh HOST jcompose registry certificate | sudo tee /etc/docker/certs.d/%s/ca.crt
          """
              .formatted(at, at));
    }
    return text.toString();
  }

  /** What clients call it. */
  private static String at(RegistryStatus status) {
    return status.address().replaceFirst(".*:", status.secure() ? "HOST:" : "localhost:");
  }

  private String certificate() {
    return registry
        .authority()
        .map(text -> new String(text, StandardCharsets.US_ASCII))
        .orElseThrow(
            () ->
                new JcomposeException.NotFound(
                    "no certificate was made here; one is when the registry is first served on an address that is not loopback"));
  }

  private String list(CommandRequest request) {
    return request.arguments().isEmpty()
        ? REPOSITORIES.render(
            request, registry.contents().repositories().stream().map(this::row).toList())
        : TAGS.render(
            request,
            registry.contents().tags(request.arguments().getFirst()).stream()
                .map(this::row)
                .toList());
  }

  private Map<String, Object> row(RepositoryRow one) {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("PushedAt", one.pushedAt().toString());
    row.put(PUSHED, since(one.pushedAt()));
    row.put(REPOSITORY, one.name());
    row.put(SIZE, HumanText.size(one.bytes()));
    row.put("Tags", String.valueOf(one.tags()));
    row.put("Untagged", String.valueOf(one.untagged()));
    return row;
  }

  private Map<String, Object> row(TagRow one) {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("Digest", one.digest());
    row.put("MediaType", one.type());
    row.put("PushedAt", one.pushedAt().toString());
    row.put(PUSHED, since(one.pushedAt()));
    row.put(REPOSITORY, one.repository());
    row.put(SIZE, HumanText.size(one.bytes()));
    row.put("Tag", one.tag());
    return row;
  }

  private String since(Instant pushed) {
    return HumanText.duration(Duration.between(pushed, clock.instant())) + " ago";
  }

  private String remove(CommandRequest request) {
    return EachWord.done(request.arguments(), word -> registry.contents().remove(word) + "\n");
  }

  private static String entries(
      CommandRequest request,
      String kind,
      List<String> names,
      Function<String, String> add,
      Predicate<String> remove) {
    List<String> words = request.arguments();
    String verb = words.isEmpty() ? "" : words.getFirst();
    if (verb.equals("ls") && words.size() == 1) {
      return ListFormat.lines(names);
    }
    if (words.size() == 2 && verb.equals("add")) {
      return add.apply(words.get(1));
    }
    if (words.size() == 2 && (verb.equals("rm") || verb.equals("remove"))) {
      if (!remove.test(words.get(1))) {
        throw new JcomposeException.NotFound("no such %s: %s".formatted(kind, words.get(1)));
      }
      return "";
    }
    throw new JcomposeException.InvalidArgument(
        "registry %s needs one of: ls, add NAME, rm NAME".formatted(kind));
  }
}
