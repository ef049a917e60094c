package io.jcompose.cli.docker;

import io.jcompose.cli.action.DetachKeys;
import io.jcompose.cli.command.CommandLineParser;
import io.jcompose.cli.command.Invocation;
import io.jcompose.cli.docker.DockerApi.Request;
import io.jcompose.cli.flags.Flags;
import io.jcompose.cli.flags.InvalidFlag;
import io.jcompose.cli.flags.NamedTexts;
import io.jcompose.cli.terminal.CommandFailure;
import io.jcompose.cli.terminal.Console;
import io.jcompose.cli.terminal.Consoles;
import io.jcompose.cli.wire.JsonTree;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Docker's {@code exec}: a further program in a running container. Stateless. */
final class ExecAction {
  private ExecAction() {}

  static int run(Invocation invocation) throws IOException {
    Console console = Consoles.current();
    boolean detached = invocation.has("detach");
    boolean input = invocation.has("interactive") && !detached;
    boolean tty = invocation.has("tty");
    if (tty && input && !console.isTerminal(0)) {
      throw new CommandFailure("the input device is not a TTY", 1);
    }
    DetachKeys keys = DetachKeys.parse(invocation.text("detach-keys"));
    DockerApi api = new DockerApi(invocation);
    String container = "/containers/" + DockerApi.part(invocation.arguments().getFirst());
    Map<String, Object> made =
        api.object(Request.post(container + "/exec", Map.of(), body(invocation, input, !detached)));
    String path = "/exec/" + JsonTree.text(made, "Id");
    Map<String, Object> start = new LinkedHashMap<>();
    start.put("Detach", detached);
    start.put("Tty", tty);
    Request begin = Request.post(path + "/start", Map.of(), start);
    if (detached) {
      String ignored = api.text(begin);
      return 0;
    }
    try (Conversation conversation = new Conversation(api.open(begin.taken()), tty, keys)) {
      if (tty && console.isTerminal(1)) {
        Attendance.size(api, path + "/resize");
        console.onResize(() -> Attendance.size(api, path + "/resize"));
      }
      if (input) {
        conversation.takeInput();
      }
      if (conversation.show()) {
        console.complain("read escape sequence\n");
        return 1;
      }
    }
    return api.object(Request.get(path + "/json")).get("ExitCode") instanceof JsonTree.Word code
        ? Integer.parseInt(code.text())
        : 1;
  }

  private static Map<String, Object> body(Invocation invocation, boolean input, boolean output) {
    List<String> words = invocation.arguments();
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("AttachStdin", input);
    body.put("AttachStdout", output);
    body.put("AttachStderr", output);
    body.put("Tty", invocation.has("tty"));
    body.put("Cmd", words.subList(1, words.size()));
    body.put("Env", variables(invocation));
    body.put("User", invocation.text("user"));
    body.put("WorkingDir", invocation.text("workdir"));
    body.put("Privileged", invocation.has("privileged"));
    if (invocation.has("tty") && Consoles.current().isTerminal(1)) {
      body.put("ConsoleSize", List.of(Consoles.current().rows(1), Consoles.current().columns(1)));
    }
    return body;
  }

  private static List<String> variables(Invocation invocation) {
    try {
      return NamedTexts.variables(
          new Flags(
              invocation.command(),
              invocation.options(),
              invocation.env(),
              Consoles.current().folder()));
    } catch (InvalidFlag e) {
      String message = e.text();
      throw e.isOfOne()
          ? CommandLineParser.usage(invocation.command(), message)
          : new CommandFailure(message, 1);
    }
  }
}
