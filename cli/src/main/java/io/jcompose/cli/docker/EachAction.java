package io.jcompose.cli.docker;

import io.jcompose.cli.command.Invocation;
import io.jcompose.cli.docker.DockerApi.Request;
import io.jcompose.cli.terminal.CommandFailure;
import io.jcompose.cli.terminal.Console;
import io.jcompose.cli.terminal.Consoles;
import io.jcompose.cli.terminal.Printable;
import io.jcompose.cli.wire.JsonTree;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Docker's words that do one thing to each container that is named, and print its name. */
final class EachAction {
  private final Invocation invocation;
  private final DockerApi api;
  private final Console console = Consoles.current();

  private EachAction(Invocation invocation) {
    this.invocation = invocation;
    this.api = new DockerApi(invocation);
  }

  /** What is done to one; returns what is printed of it, empty for nothing. */
  private interface Work {
    String on(String container) throws IOException;
  }

  /** Goes on after one that fails; their messages come last. */
  private int each(Work work) throws IOException {
    List<String> failures = new ArrayList<>();
    for (String word : invocation.arguments()) {
      try {
        String told = work.on(word);
        console.say(told.isEmpty() ? "" : told + "\n");
      } catch (CommandFailure e) {
        if (!e.isOfEngine()) {
          throw e;
        }
        failures.add(e.text());
      }
    }
    if (!failures.isEmpty()) {
      throw new CommandFailure(String.join("\n", failures), 1);
    }
    return 0;
  }

  private String post(String container, String verb, Map<String, String> query) throws IOException {
    String ignored = api.text(Request.post(path(container) + "/" + verb, query));
    return container;
  }

  private static String path(String container) {
    return "/containers/" + DockerApi.part(container);
  }

  /** {@code pause} and {@code unpause}. */
  static int plain(Invocation invocation, String verb) throws IOException {
    EachAction action = new EachAction(invocation);
    return action.each(word -> action.post(word, verb, Map.of()));
  }

  static int kill(Invocation invocation) throws IOException {
    EachAction action = new EachAction(invocation);
    Map<String, String> query = Map.of("signal", invocation.text("signal"));
    return action.each(word -> action.post(word, "kill", query));
  }

  /** {@code stop} and {@code restart}. */
  static int end(Invocation invocation, String verb) throws IOException {
    EachAction action = new EachAction(invocation);
    Map<String, String> query = new LinkedHashMap<>();
    query.put("t", invocation.text("timeout"));
    query.put("signal", invocation.text("signal"));
    return action.each(word -> action.post(word, verb, query));
  }

  /** {@code start} without a look at the output. */
  static int start(Invocation invocation) throws IOException {
    if (invocation.has("attach") || invocation.has("interactive")) {
      return AttachAction.start(invocation);
    }
    EachAction action = new EachAction(invocation);
    List<String> failed = new ArrayList<>();
    for (String word : invocation.arguments()) {
      try {
        action.console.say(action.post(word, "start", Map.of()) + "\n");
      } catch (CommandFailure e) {
        if (!e.isOfEngine()) {
          throw e;
        }
        action.console.complain(Printable.text(e.text()) + "\n");
        failed.add(word);
      }
    }
    if (!failed.isEmpty()) {
      throw new CommandFailure(
          "Error: failed to start containers: " + String.join(", ", failed), 1);
    }
    return 0;
  }

  static int remove(Invocation invocation) throws IOException {
    EachAction action = new EachAction(invocation);
    Map<String, String> query = new LinkedHashMap<>();
    query.put("force", invocation.has("force") ? "1" : "");
    query.put("link", invocation.has("link") ? "1" : "");
    query.put("v", invocation.has("volumes") ? "1" : "");
    return action.each(word -> action.remove(word, query));
  }

  /** By force, one that is not there is told of and no failure. */
  private String remove(String word, Map<String, String> query) throws IOException {
    String name = word.replaceFirst("^/+", "");
    if (name.isEmpty()) {
      throw new CommandFailure("container name cannot be empty", 1);
    }
    try {
      String ignored = api.text(new Request("DELETE", path(name), query, "", "", false));
      return name;
    } catch (CommandFailure e) {
      if (!invocation.has("force") || !e.isMissing()) {
        throw e;
      }
      console.complain(Printable.text(e.text()) + "\n");
      return "";
    }
  }

  static int await(Invocation invocation) throws IOException {
    EachAction action = new EachAction(invocation);
    return action.each(
        word -> {
          Map<String, Object> end = action.api.object(Request.post(path(word) + "/wait", Map.of()));
          return end.get("StatusCode") instanceof JsonTree.Word code ? code.text() : "";
        });
  }

  static int update(Invocation invocation) throws IOException {
    EachAction action = new EachAction(invocation);
    Map<String, Object> body = UpdateBody.of(invocation);
    return action.each(
        word -> {
          Map<String, Object> done =
              action.api.object(Request.post(path(word) + "/update", Map.of(), body));
          if (done.get("Warnings") instanceof List<?> warnings) {
            for (Object warning : warnings) {
              action.console.say(Printable.text(String.valueOf(warning)) + "\n");
            }
          }
          return word;
        });
  }

  static int rename(Invocation invocation) throws IOException {
    EachAction action = new EachAction(invocation);
    List<String> words = invocation.arguments();
    try {
      String ignored = action.post(words.get(0), "rename", Map.of("name", words.get(1)));
    } catch (CommandFailure e) {
      if (!e.isOfEngine()) {
        throw e;
      }
      action.console.complain(Printable.text(e.text()) + "\n");
      throw new CommandFailure("Error: failed to rename container named " + words.get(0), 1);
    }
    return 0;
  }

  /** The processes as a table. */
  static int top(Invocation invocation) throws IOException {
    List<String> words = invocation.arguments();
    Map<String, String> query = Map.of("ps_args", String.join(" ", words.subList(1, words.size())));
    Map<String, Object> all =
        new DockerApi(invocation)
            .object(new Request("GET", path(words.getFirst()) + "/top", query, "", "", false));
    List<List<String>> rows = new ArrayList<>();
    rows.add(texts(all.get("Titles")));
    if (all.get("Processes") instanceof List<?> processes) {
      processes.forEach(process -> rows.add(texts(process)));
    }
    Consoles.current().say(Printable.text(Columns.of(rows)));
    return 0;
  }

  private static List<String> texts(@Nullable Object list) {
    return list instanceof List<?> texts ? texts.stream().map(String::valueOf).toList() : List.of();
  }
}
