package io.jcompose.api.log;

import io.jcompose.scheduler.Labels;
import java.util.Map;
import java.util.regex.Pattern;

/** What logs call containers, and say of their ends. */
public final class LogNames {
  /** The end of a name that was given with {@code --compatibility}. */
  private static final Pattern UNDERSCORES = Pattern.compile("_(\\d+|run_[0-9a-f]+)$");

  private LogNames() {}

  /** The container's name as logs show it: without the project, unless it has a name of its own. */
  public static String displayName(String project, String name) {
    boolean own =
        name.startsWith(project + "-")
            || (name.startsWith(project + "_") && UNDERSCORES.matcher(name).find());
    return !project.isEmpty() && own ? name.substring(project.length() + 1) : name;
  }

  /** The name of the container whose place one with these labels takes. */
  public static String replacedName(String project, Map<String, String> labels) {
    return displayName(project, labels.getOrDefault(Labels.REPLACE, ""));
  }

  /** What is said of the end of a run, in Docker Compose's words. */
  public static String ended(String name, LogFact.Exited end) {
    return name + " exited with code " + end.code() + (end.again() ? " (restarting)" : "");
  }
}
