package io.jcompose.api.docker.container;

import io.jcompose.api.docker.call.Refusal;
import io.jcompose.api.docker.create.Given;
import io.jcompose.api.docker.model.ContainerCreateRequest;
import io.jcompose.api.text.JsonText;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The instructions of a Dockerfile that say what the config of a commit says, so that both are
 * carried out by one (moby, daemon/commit.go, merges a config likewise: what it has not is the
 * container's).
 */
final class ConfigInstructions {
  private final List<String> lines = new ArrayList<>();

  private ConfigInstructions() {}

  /**
   * In the order in which they are to be carried out; may be empty.
   *
   * @throws Refusal (501) for what no instruction has
   */
  static List<String> of(ContainerCreateRequest config) {
    ConfigInstructions all = new ConfigInstructions();
    all.words("CMD", config.cmd()); // first: an ENTRYPOINT alone takes the container's away
    all.words("ENTRYPOINT", config.entrypoint());
    all.each("ENV", config.env() == null ? List.of() : config.env());
    if (config.labels() != null) {
      config.labels().forEach((key, value) -> all.pair("LABEL", key, value));
    }
    all.each("EXPOSE", keys(config.exposedPorts()));
    keys(config.volumes()).forEach(path -> all.words("VOLUME", List.of(path)));
    all.one("USER", config.user());
    all.one("WORKDIR", config.workingDir());
    all.one("STOPSIGNAL", config.stopSignal());
    if (config.healthcheck() != null && config.healthcheck().test() != null) {
      throw Refusal.notYet("a health check in the config of a commit");
    }
    return all.lines;
  }

  private static List<String> keys(@Nullable Map<String, Object> set) {
    return set == null ? List.of() : List.copyOf(set.keySet());
  }

  private void words(String instruction, @Nullable List<String> words) {
    if (words != null && !words.isEmpty()) {
      lines.add(instruction + " " + JsonText.of(words));
    }
  }

  private void each(String instruction, List<String> words) {
    words.forEach(word -> one(instruction, word));
  }

  private void pair(String instruction, String key, @Nullable String value) {
    one(instruction, key + "=" + Given.text(value));
  }

  private void one(String instruction, @Nullable String word) {
    String text = Given.text(word);
    if (text.isEmpty()) {
      return;
    }
    if (text.lines().count() > 1) {
      throw Refusal.notYet("an end of line in the config of a commit");
    }
    lines.add(instruction + " \"" + text.replaceAll("[\\\\\"$]", "\\\\$0") + "\"");
  }
}
