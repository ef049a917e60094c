package io.jcompose.compose;

import io.jcompose.compose.config.CanonicalTree;
import io.jcompose.compose.config.ConfigWriter;
import io.jcompose.compose.config.YamlText;
import io.jcompose.compose.model.Project;
import io.jcompose.compose.source.Dotenv;
import io.jcompose.compose.tree.JsonText;
import io.jcompose.compose.tree.Node;
import io.jcompose.compose.tree.Problems;
import io.jcompose.compose.tree.Template;
import io.jcompose.compose.tree.YamlReader;
import io.jcompose.core.JcomposeException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What is fuzzed. A target reads any text or refuses it by a problem; whatever else it throws is a
 * bug, as is one input that takes two seconds or 256 MB.
 */
enum FuzzTarget {
  /** YAML text; what was read is written and must read back the same. */
  YAML {
    @Override
    void run(String text) {
      for (Node node : YamlReader.read("f", text, new Problems())) {
        node.copy();
        if (node instanceof Node.MapNode) {
          Map<String, Object> tree = CanonicalTree.cast(JsonText.plain(node));
          Problems problems = new Problems();
          List<Node> back = YamlReader.read("f", YamlText.of(tree), problems);
          problems.check();
          String again = back.isEmpty() ? "{}" : JsonText.of(back.getFirst());
          if (!again.equals(JsonText.of(node))) {
            throw new IllegalStateException(
                "written and read again, it differs: " + JsonText.of(node) + " and " + again);
          }
        }
      }
    }
  },

  /** Env files in both formats. */
  DOTENV {
    @Override
    void run(String text) {
      try {
        Dotenv.parse(text, new LinkedHashMap<>(ENVIRONMENT), ENVIRONMENT::get, (name, line) -> {});
      } catch (Dotenv.Invalid e) {
        requireLine(e);
      }
      try {
        Dotenv.parseRaw(text, new LinkedHashMap<>(), ENVIRONMENT::get);
      } catch (Dotenv.Invalid e) {
        requireLine(e);
      }
    }
  },

  /** Variable substitution. */
  INTERPOLATION {
    @Override
    void run(String text) {
      try {
        new Template(ENVIRONMENT, name -> {}).substitute(text);
      } catch (Template.Invalid e) {
        if (String.valueOf(e.getMessage()).isEmpty()) {
          throw new IllegalStateException("no message", e);
        }
      }
    }
  },

  /** The short forms of a service's attributes: the text is the value of each. */
  SHORTFORMS {
    @Override
    void run(String text) {
      Map<String, Object> service = new LinkedHashMap<>();
      service.put("image", "x");
      for (String key : LISTS) {
        service.put(key, List.of(text));
      }
      for (String key : SCALARS) {
        service.put(key, text);
      }
      load(YamlText.of(Map.of("services", Map.of("a", service))));
      for (String key : SCALARS) {
        load(YamlText.of(Map.of("services", Map.of("a", Map.of("image", "x", key, text)))));
      }
      for (String key : LISTS) {
        load(
            YamlText.of(Map.of("services", Map.of("a", Map.of("image", "x", key, List.of(text))))));
      }
    }
  },

  /** A whole compose file, beside files that it can include and extend. */
  PROJECT {
    @Override
    void run(String text) {
      load(text);
    }
  };

  static final Path FILES = Path.of("src/test/resources/fuzz/files").toAbsolutePath();
  private static final Map<String, String> ENVIRONMENT =
      Map.of("a", "1", "EMPTY", "", "HOME", "/home/user", "COMPOSE_DISABLE_ENV_FILE", "1");
  private static final List<String> LISTS =
      List.of(
          "ports",
          "volumes",
          "devices",
          "extra_hosts",
          "links",
          "expose",
          "configs",
          "secrets",
          "tmpfs",
          "env_file",
          "depends_on",
          "networks",
          "environment",
          "labels",
          "gpus",
          "volumes_from",
          "cap_add",
          "dns",
          "security_opt",
          "profiles",
          "sysctls");
  private static final List<String> SCALARS =
      List.of(
          "mem_limit",
          "restart",
          "stop_grace_period",
          "command",
          "entrypoint",
          "cpus",
          "scale",
          "shm_size",
          "pull_policy",
          "network_mode",
          "ipc",
          "pid",
          "build",
          "extends",
          "env_file",
          "tmpfs",
          "platform",
          "cpu_rt_period",
          "oom_score_adj",
          "init",
          "user",
          "gpus",
          "working_dir",
          "container_name",
          "mem_swappiness",
          "label_file",
          "ulimits");

  /** Reads or refuses the text. */
  abstract void run(String text);

  String folder() {
    return name().toLowerCase(Locale.ROOT);
  }

  private static void requireLine(Dotenv.Invalid e) {
    if (e.line() < 1) {
      throw new IllegalStateException("no line: " + e.getMessage(), e);
    }
  }

  private static void load(String yaml) {
    LoadRequest request =
        LoadRequest.of(FILES, ENVIRONMENT)
            .with()
            .files(List.of("-"))
            .stdin(yaml)
            .projectName("p")
            .build();
    try {
      // What the texts name is not fetched from anywhere.
      Project project = new ProjectLoader(Artifacts.NONE, "").load(request);
      ConfigWriter writer = new ConfigWriter();
      writer.yaml(project, List.of(), true);
      writer.json(project, List.of(), true);
      writer.hashes(project, "*");
    } catch (JcomposeException.InvalidArgument
        | JcomposeException.NotFound
        | JcomposeException.NotSupported e) {
      if (String.valueOf(e.getMessage()).isBlank()) {
        throw new IllegalStateException("no message", e);
      }
    }
  }
}
