package io.jcompose.api.project;

import io.jcompose.api.request.CommandRequest;
import io.jcompose.api.text.JsonText;
import io.jcompose.compose.ConfigAnswer;
import io.jcompose.compose.ConfigCommand;
import io.jcompose.compose.ConfigQuery;
import io.jcompose.compose.LoadRequest;
import io.jcompose.compose.ProjectLoader;
import io.jcompose.core.RegistryLogins;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.stream.Collectors;

/** Carries {@code config} out for a command line: {@code {"text":…,"warnings":…,"exitCode":n}}. */
public final class ConfigText {
  private final ProjectLoader loader;
  private final BiFunction<String, RegistryLogins, String> digests;

  /**
   * @param digests asks the image's registry for its digest, with the logins
   */
  public ConfigText(ProjectLoader loader, BiFunction<String, RegistryLogins, String> digests) {
    this.loader = loader;
    this.digests = digests;
  }

  /** Loads the request's project and renders what the options ask for. */
  public String render(CommandRequest request) {
    LoadRequest load = request.load(request.arguments(), LoadRequest.Options.DEFAULT);
    Map<String, String> values = new HashMap<>();
    ConfigQuery.VALUES.forEach(option -> values.put(option, request.text(option)));
    ConfigQuery query =
        new ConfigQuery(
            load,
            ConfigQuery.FLAGS.stream().filter(request::has).collect(Collectors.toSet()),
            values);
    Map<String, String> known = new HashMap<>();
    ConfigAnswer answer =
        new ConfigCommand(
                loader.with(request.logins()),
                image -> known.computeIfAbsent(image, i -> digests.apply(i, request.logins())))
            .answer(query);
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("text", answer.text());
    members.put("warnings", String.join("\n", answer.warnings()));
    members.put("exitCode", answer.exitCode());
    return JsonText.of(members);
  }
}
