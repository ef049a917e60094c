package io.jcompose.cli;

import io.jcompose.compose.LoadRequest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Makes the parser's request of a command's members, where this process parses. Apart, so that a
 * command that leaves it to the engine needs none of the parser's classes.
 */
final class LoadRequests {
  private LoadRequests() {}

  /**
   * @param members as {@link Invocation#requestMembers}
   */
  static LoadRequest of(Map<String, Object> members, Map<String, String> env) {
    Path cwd = Path.of(text(members, "cwd"));
    String directory = text(members, "projectDirectory");
    List<Path> envFiles = new ArrayList<>();
    texts(members, "envFiles").forEach(file -> envFiles.add(cwd.resolve(file)));
    return new LoadRequest(
        cwd,
        texts(members, "files"),
        members.containsKey("stdin") ? text(members, "stdin") : null,
        env,
        envFiles,
        text(members, "projectName"),
        directory.isEmpty() ? null : cwd.resolve(directory),
        texts(members, "profiles"),
        texts(members, "arguments"),
        LoadRequest.Options.DEFAULT);
  }

  private static String text(Map<String, Object> members, String key) {
    return String.valueOf(members.getOrDefault(key, ""));
  }

  private static List<String> texts(Map<String, Object> members, String key) {
    List<String> texts = new ArrayList<>();
    if (members.get(key) instanceof List<?> list) {
      list.forEach(item -> texts.add(String.valueOf(item)));
    }
    return texts;
  }
}
