package io.jcompose.cli.docker;

import io.jcompose.cli.action.DetachKeys;
import io.jcompose.cli.command.CommandLineParser;
import io.jcompose.cli.command.Invocation;
import io.jcompose.cli.docker.DockerApi.Request;
import io.jcompose.cli.flags.CreateBody;
import io.jcompose.cli.flags.Flags;
import io.jcompose.cli.flags.InvalidFlag;
import io.jcompose.cli.terminal.CommandFailure;
import io.jcompose.cli.terminal.Console;
import io.jcompose.cli.terminal.Consoles;
import io.jcompose.cli.terminal.Printable;
import io.jcompose.cli.wire.HttpAnswer;
import io.jcompose.cli.wire.JsonTree;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Docker's {@code run} and {@code create}: a container of an image, which is pulled where it is
 * missing. Confined to one thread.
 */
final class RunAction {
  private static final int FAILED = 125;
  private static final int NOT_RUNNABLE = 126;
  private static final int NOT_FOUND = 127;
  private static final Set<String> POLICIES = Set.of("always", "missing", "never", "");

  private final Invocation invocation;
  private final Flags flags;
  private final DockerApi api;
  private final Console console = Consoles.current();

  private RunAction(Invocation invocation) {
    this.invocation = invocation;
    this.api = new DockerApi(invocation);
    this.flags =
        new Flags(invocation.command(), invocation.options(), invocation.env(), console.folder());
  }

  static int run(Invocation invocation) throws IOException {
    RunAction action = new RunAction(invocation);
    return action.told(action::run);
  }

  static int create(Invocation invocation) throws IOException {
    RunAction action = new RunAction(invocation);
    return action.told(
        () -> {
          action.console.say(action.created() + "\n");
          return 0;
        });
  }

  private interface Work {
    int carryOut() throws IOException;
  }

  /** Failures as docker tells them: with the program's name, and where to read more. */
  private int told(Work work) throws IOException {
    try {
      return work.carryOut();
    } catch (InvalidFlag e) {
      String message = e.text();
      throw e.isOfOne()
          ? CommandLineParser.usage(invocation.command(), message)
          : withHelp(message, FAILED);
    } catch (CommandFailure e) {
      throw e.isOfEngine() && runs() ? withHelp(e.text(), code(e.text())) : e;
    }
  }

  private boolean runs() {
    return invocation.command().name().equals("container run");
  }

  private CommandFailure withHelp(String message, int code) {
    String title = invocation.command().title();
    String program = title.substring(0, title.indexOf(' '));
    return new CommandFailure(
        program + ": " + message + "\n\nRun '" + title + " --help' for more information", code);
  }

  private int run() throws IOException {
    boolean detached = invocation.has("detach");
    if (detached && flags.isGiven("attach")) {
      throw new CommandFailure("conflicting options: cannot specify both --attach and --detach", 1);
    }
    Set<String> streams = detached ? Set.of() : CreateBody.streams(flags);
    boolean tty = invocation.has("tty");
    if (tty && streams.contains("stdin") && !console.isTerminal(0)) {
      throw new CommandFailure("the input device is not a TTY", 1);
    }
    DetachKeys keys = DetachKeys.parse(invocation.text("detach-keys"));
    String id = created();
    if (detached) {
      started(id);
      console.say(id + "\n");
      return 0;
    }
    return attached(id, streams, tty, keys);
  }

  private int attached(String id, Set<String> streams, boolean tty, DetachKeys keys)
      throws IOException {
    Map<String, String> query = new LinkedHashMap<>();
    query.put("stream", "1");
    streams.forEach(stream -> query.put(stream, "1"));
    query.put("detachKeys", invocation.text("detach-keys"));
    String condition = invocation.has("rm") ? "removed" : "next-exit";
    try (Conversation conversation =
            new Conversation(
                api.open(Request.post("/containers/" + id + "/attach", query).taken()), tty, keys);
        HttpAnswer end =
            api.open(Request.post("/containers/" + id + "/wait", Map.of("condition", condition)))) {
      started(id);
      Attendance.begin(api, id, tty, !flags.isGiven("sig-proxy") || flags.is("sig-proxy"));
      if (streams.contains("stdin")) {
        conversation.takeInput();
      }
      if (conversation.show()) {
        console.complain("\n");
        return 0;
      }
      return Attendance.exitCode(end);
    }
  }

  private void started(String id) throws IOException {
    try {
      String ignored = api.text(Request.post("/containers/" + id + "/start", Map.of()));
    } catch (CommandFailure e) {
      String message = e.text();
      throw withHelp(message, code(message));
    }
  }

  /** As a shell's for a program that is not there, or is none. */
  private static int code(String message) {
    if (message.contains("executable file not found")
        || message.contains("no such file or directory")) {
      return NOT_FOUND;
    }
    boolean runs = !message.contains("permission denied") && !message.contains("is a directory");
    return runs ? FAILED : NOT_RUNNABLE;
  }

  /** The id of a new container. */
  private String created() throws IOException {
    String policy = invocation.text("pull");
    if (!POLICIES.contains(policy)) {
      throw withHelp(
          "invalid pull option: '"
              + policy
              + "': must be one of \"always\", \"missing\" or \"never\"",
          FAILED);
    }
    String idFile = invocation.text("cidfile");
    requireNoFile(idFile);
    Map<String, Object> body = CreateBody.of(flags, invocation.arguments());
    ImageName image = image();
    if (policy.equals("always")) {
      pull(image, Transfers.login(invocation, image));
    }
    Map<String, Object> made = created(image, body, policy.equals("missing") || policy.isEmpty());
    warn();
    if (made.get("Warnings") instanceof List<?> warnings) {
      warnings.forEach(
          text -> console.complain("WARNING: " + Printable.text(String.valueOf(text)) + "\n"));
    }
    String id = JsonTree.text(made, "Id");
    if (!idFile.isEmpty()) {
      Files.writeString(path(idFile), id);
    }
    return id;
  }

  private void warn() {
    if (invocation.has("oom-kill-disable") && invocation.text("memory").isEmpty()) {
      console.complain(
          "WARNING: Disabling the OOM killer on containers without setting a '-m/--memory' limit may"
              + " be dangerous.\n");
    }
    for (String server : flags.all("dns")) {
      if (server.startsWith("127.") || server.equals("::1")) {
        console.complain("WARNING: Localhost DNS (" + server + ") may fail in containers.\n");
      }
    }
  }

  private ImageName image() {
    try {
      return ImageName.parse(invocation.arguments().getFirst());
    } catch (CommandFailure e) {
      throw withHelp(e.text(), FAILED);
    }
  }

  private Map<String, Object> created(ImageName image, Map<String, Object> body, boolean pulls)
      throws IOException {
    Map<String, String> query = new LinkedHashMap<>();
    query.put("name", invocation.text("name"));
    query.put("platform", Transfers.platform(invocation));
    Request request = Request.post("/containers/create", query, body);
    try {
      return api.object(request);
    } catch (CommandFailure e) {
      if (!pulls || !e.isMissing()) { // the image, or one for that platform
        throw e;
      }
    }
    String login = Transfers.login(invocation, image); // which may be for the caller's own process
    if (!invocation.has("quiet")) {
      console.complain("Unable to find image '" + image.familiar() + "' locally\n");
    }
    pull(image, login);
    return api.object(request);
  }

  private void pull(ImageName image, String login) throws IOException {
    OutputStream shown = invocation.has("quiet") ? OutputStream.nullOutputStream() : console.err();
    try {
      Transfers.pull(invocation, image, login, shown, 2);
    } catch (CommandFailure e) {
      throw runs() ? withHelp(e.text(), FAILED) : e;
    }
  }

  private Path path(String file) {
    return Path.of(console.folder()).resolve(file);
  }

  private void requireNoFile(String file) {
    if (file.isEmpty()) {
      return;
    }
    console.requireOwn(); // it is the caller's
    if (Files.exists(path(file))) {
      String why =
          "container ID file found, make sure the other container isn't running or delete " + file;
      throw runs() ? withHelp(why, FAILED) : new CommandFailure(why, 1);
    }
  }
}
