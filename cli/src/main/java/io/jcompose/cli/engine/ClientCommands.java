package io.jcompose.cli.engine;

import io.jcompose.api.http.Exchange;
import io.jcompose.api.http.Handler;
import io.jcompose.api.http.HijackedStream;
import io.jcompose.cli.terminal.CommandFailure;
import io.jcompose.cli.terminal.Console;
import io.jcompose.cli.terminal.Consoles;
import io.jcompose.cli.wire.ClientRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Carries the command lines of the client program out, each on its connection's thread, and hands
 * all other requests on. A client of another build than the engine's carries them out by itself.
 */
public final class ClientCommands implements Handler {
  private static final String PATH = "/jcompose/v1/cli";

  /** The kernel gives no program more: man 2 execve. */
  private static final int LONGEST_REQUEST = 6 << 20;

  /** To look at more takes seconds. */
  private static final int MOST_ARGUMENTS = 4096;

  /** What a command holds of the heap beside its request: buffers of its streams. */
  private static final int HELD = 192 << 10;

  private final Handler others;
  private final CommandLine commands;
  private final String build;
  private final Path socket;

  /** Carries out what was typed; returns the exit code. */
  @FunctionalInterface
  public interface CommandLine {
    int run(List<String> arguments, Map<String, String> env);
  }

  /**
   * @param build names the programs that the engine is of
   * @param socket the engine's own
   */
  ClientCommands(Handler others, CommandLine commands, String build, Path socket) {
    this.socket = socket;
    this.others = others;
    this.commands = commands;
    this.build = build;
  }

  /** The build below this home: a line that the distribution's maker wrote. */
  static String build(Path home) {
    try {
      return Files.readString(home.resolve("lib/build")).strip();
    } catch (IOException e) {
      return ""; // of classes that nobody packed: no client has it
    }
  }

  @Override
  public void handle(Exchange exchange) throws IOException {
    if (!exchange.head().path().equals(PATH)) {
      others.handle(exchange);
      return;
    }
    ClientRequest request;
    AtomicInteger passing = new AtomicInteger(); // bytes, until the engine has taken what is asked
    try {
      byte[] body = exchange.bodyBytes(LONGEST_REQUEST);
      if (build.isEmpty() || !ClientRequest.buildOf(body).equals(build)) {
        exchange.respond(409, "text/plain", "the engine is of another build\n");
        return;
      }
      passing.set(ClientRequest.heapBytes(body) - ClientRequest.keptBytes(body));
      exchange.charge(HELD);
      exchange.charge(ClientRequest.heapBytes(body));
      request = ClientRequest.parse(body);
      if (request.arguments().size() > MOST_ARGUMENTS) {
        exchange.respond(413, "text/plain", "so many words are for the caller's own time\n");
        return;
      }
    } catch (IllegalArgumentException e) {
      exchange.respond(400, "text/plain", "no command line: " + e.getMessage() + "\n");
      return;
    }
    ClientConsole.Carrier carrier =
        new ClientConsole.Carrier(
            socket,
            exchange.caller(),
            bytes -> charge(exchange, bytes),
            () -> exchange.giveBack(passing.getAndSet(0)));
    try (HijackedStream stream = exchange.hijack("application/octet-stream")) {
      carryOut(request, stream, carrier);
    }
  }

  private static void charge(Exchange exchange, int bytes) {
    try {
      exchange.charge(bytes);
    } catch (IOException e) {
      throw new CommandFailure(String.valueOf(e.getMessage()), 1);
    }
  }

  private void carryOut(ClientRequest request, HijackedStream stream, ClientConsole.Carrier carrier)
      throws IOException {
    try (ClientConsole console =
        new ClientConsole(request, stream.input(), stream.output(), carrier)) {
      console.listen();
      try {
        console.exit(Consoles.run(console, () -> commands.run(request.arguments(), request.env())));
      } catch (Console.NotHere e) {
        console.giveBack();
      } catch (UncheckedIOException e) {
        throw e.getCause(); // without a result the client knows that the engine has gone
      }
    }
  }
}
