package io.jcompose.api;

import io.jcompose.compose.ConfigCommand;
import io.jcompose.compose.ConfigQuery;
import io.jcompose.compose.LoadRequest;
import io.jcompose.compose.ProjectLoader;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/** Carries {@code config} out for a command line: {@code {"text":…,"warnings":…,"exitCode":n}}. */
final class ConfigText {
  private final ProjectLoader loader;
  private final UnaryOperator<String> digests;

  /**
   * @param digests asks the image's registry for its digest
   */
  ConfigText(ProjectLoader loader, UnaryOperator<String> digests) {
    this.loader = loader;
    this.digests = digests;
  }

  /** Loads the request's project and renders what the options ask for. */
  String render(CommandRequest request) {
    LoadRequest load = request.load(request.arguments(), LoadRequest.Options.DEFAULT);
    Map<String, String> values = new HashMap<>();
    ConfigQuery.VALUES.forEach(option -> values.put(option, request.text(option)));
    ConfigQuery query =
        new ConfigQuery(
            load,
            ConfigQuery.FLAGS.stream().filter(request::has).collect(Collectors.toSet()),
            values);
    Map<String, String> known = new HashMap<>();
    ConfigCommand.Answer answer =
        new ConfigCommand(loader, image -> known.computeIfAbsent(image, digests)).answer(query);
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("text", answer.text());
    members.put("warnings", String.join("\n", answer.warnings()));
    members.put("exitCode", answer.exitCode());
    return JsonText.of(members);
  }
}
