package io.jcompose.cli.docker;

import io.jcompose.cli.action.DetachKeys;
import io.jcompose.cli.command.Invocation;
import io.jcompose.cli.docker.DockerApi.Request;
import io.jcompose.cli.terminal.CommandFailure;
import io.jcompose.cli.terminal.Console;
import io.jcompose.cli.terminal.Consoles;
import io.jcompose.cli.wire.HttpAnswer;
import io.jcompose.cli.wire.JsonTree;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Docker's {@code attach}, {@code start -a} and {@code start -i}: the caller's streams joined with
 * those of a container that is there. Confined to one thread.
 */
final class AttachAction {
  private final Invocation invocation;
  private final DockerApi api;
  private final Console console = Consoles.current();
  private final String word;
  private final String path;
  private final Map<String, Object> config;
  private final Map<String, Object> state;
  private final boolean removes;

  private AttachAction(Invocation invocation) throws IOException {
    this.invocation = invocation;
    this.api = new DockerApi(invocation);
    this.word = invocation.arguments().getFirst();
    this.path = "/containers/" + DockerApi.part(word);
    Map<String, Object> all = api.object(Request.get(path + "/json"));
    this.config = JsonTree.object(all, "Config");
    this.state = JsonTree.object(all, "State");
    this.removes = is(JsonTree.object(all, "HostConfig"), "AutoRemove");
  }

  static int attach(Invocation invocation) throws IOException {
    AttachAction action = new AttachAction(invocation);
    action.requireRunning();
    return action.join(!invocation.has("no-stdin"), "", false);
  }

  /** Of one container alone, for output of several would be mixed. */
  static int start(Invocation invocation) throws IOException {
    if (invocation.arguments().size() > 1) {
      throw new CommandFailure("you cannot start and attach multiple containers at once", 1);
    }
    AttachAction action = new AttachAction(invocation);
    String condition = action.removes ? "removed" : "next-exit";
    return action.join(invocation.has("interactive"), condition, true);
  }

  private static boolean is(Map<String, Object> members, String name) {
    return members.get(name) instanceof JsonTree.Word word && word.text().equals("true");
  }

  private void requireRunning() {
    String why = "";
    if (!is(state, "Running")) {
      why = "You cannot attach to a stopped container, start it first";
    } else if (is(state, "Paused")) {
      why = "You cannot attach to a paused container, unpause it first";
    } else if (is(state, "Restarting")) {
      why = "You cannot attach to a restarting container, wait until it is running";
    }
    if (!why.isEmpty()) {
      throw new CommandFailure(why, 1);
    }
  }

  private int join(boolean wantsInput, String condition, boolean starts) throws IOException {
    boolean tty = is(config, "Tty");
    boolean input = wantsInput && is(config, "OpenStdin");
    if (tty && input && !console.isTerminal(0)) {
      throw new CommandFailure("the input device is not a TTY", 1);
    }
    Map<String, String> query = new LinkedHashMap<>();
    query.put("stream", "1");
    query.put("stdin", input ? "1" : "");
    query.put("stdout", "1");
    query.put("stderr", "1");
    query.put("detachKeys", invocation.text("detach-keys"));
    DetachKeys keys = DetachKeys.parse(invocation.text("detach-keys"));
    try (Conversation conversation =
            new Conversation(api.open(Request.post(path + "/attach", query).taken()), tty, keys);
        HttpAnswer end = api.open(Request.post(path + "/wait", Map.of("condition", condition)))) {
      if (starts) {
        String ignored = api.text(Request.post(path + "/start", Map.of()));
      }
      boolean signals =
          !invocation.options().containsKey("sig-proxy") || invocation.has("sig-proxy");
      Attendance.begin(api, DockerApi.part(word), tty, signals);
      if (input) {
        conversation.takeInput();
      }
      if (conversation.show()) {
        console.complain("read escape sequence\n");
        return starts ? 0 : 1;
      }
      return Attendance.exitCode(end);
    }
  }
}
