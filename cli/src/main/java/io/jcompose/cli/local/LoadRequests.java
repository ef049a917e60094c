package io.jcompose.cli.local;

import io.jcompose.compose.HandedSources;
import io.jcompose.compose.LoadRequest;
import io.jcompose.compose.SourceFiles;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes the parser's request of a command's members, where this process parses. Apart, so that a
 * command that leaves it to the engine needs none of the parser's classes.
 */
public final class LoadRequests {
  /** The member with the texts of env files that are pipes; the engine gets them as sources. */
  public static final String PIPES = "pipes";

  private LoadRequests() {}

  /**
   * @param members of a request, as the command line makes it
   */
  public static LoadRequest of(Map<String, Object> members, Map<String, String> env) {
    Path cwd = Path.of(text(members, "cwd"));
    String directory = text(members, "projectDirectory");
    List<Path> envFiles = new ArrayList<>();
    texts(members, "envFiles").forEach(file -> envFiles.add(cwd.resolve(file)));
    LoadRequest request =
        LoadRequest.of(cwd, env)
            .with()
            .files(texts(members, "files"))
            .stdin(members.containsKey("stdin") ? text(members, "stdin") : null)
            .envFiles(envFiles)
            .projectName(text(members, "projectName"))
            .projectDirectory(directory.isEmpty() ? null : cwd.resolve(directory))
            .profiles(texts(members, "profiles"))
            .services(texts(members, "arguments"))
            .build();
    return members.get(PIPES) instanceof Map<?, ?> pipes
        ? request.withHanded(handed(pipes))
        : request;
  }

  /** What pipes of this process had, by path. */
  static HandedSources handed(Map<?, ?> texts) {
    Map<String, HandedSources.Handed> files = new HashMap<>();
    texts.forEach(
        (path, text) -> {
          byte[] bytes = String.valueOf(text).getBytes(StandardCharsets.UTF_8);
          SourceFiles.Look look = new SourceFiles.Look(SourceFiles.Kind.REGULAR, bytes.length, "");
          files.put(String.valueOf(path), new HandedSources.Handed(look, bytes));
        });
    return new HandedSources(files, Map.of(), false);
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
