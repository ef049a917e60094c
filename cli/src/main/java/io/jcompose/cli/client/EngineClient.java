package io.jcompose.cli.client;

import io.jcompose.cli.terminal.CommandFailure;
import io.jcompose.cli.terminal.Console;
import io.jcompose.cli.terminal.Consoles;
import io.jcompose.cli.wire.Connection;
import io.jcompose.cli.wire.EngineUnreachable;
import io.jcompose.cli.wire.HttpAnswer;
import io.jcompose.cli.wire.SshConnection;
import io.jcompose.cli.wire.SshHost;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Sends requests to the engine, and starts one when none answers. One connection a request: the
 * process lives for one or two.
 */
public final class EngineClient {
  private final String socket;
  private final @Nullable Roots toStart;
  private final @Nullable SshHost remote;
  private final boolean remoteStarts;

  /** A client that starts an engine there when none answers. */
  public EngineClient(Roots roots) {
    this.socket = roots.socket();
    this.toStart = roots;
    this.remote = null;
    this.remoteStarts = false;
  }

  /** A client of an engine that runs already, or not at all. */
  public EngineClient(String socket) {
    this.socket = socket;
    this.toStart = null;
    this.remote = null;
    this.remoteStarts = false;
  }

  /**
   * A client of another host's engine.
   *
   * @param starts whether one is started there when none answers
   */
  public EngineClient(SshHost remote, boolean starts) {
    this.socket = "";
    this.toStart = null;
    this.remote = remote;
    this.remoteStarts = starts;
  }

  /** True when an engine answers now. */
  public boolean isUp() {
    if (remote == null) {
      return Connection.isOpen(reached());
    }
    try {
      SshConnection.open(remote, false).close();
      return true;
    } catch (IOException | CommandFailure e) {
      return false;
    }
  }

  /** How long to wait between looks whether it is up. */
  public int pauseMillis() {
    return remote == null ? 100 : 2000; // each look is an ssh
  }

  /**
   * Posts JSON and returns the answer.
   *
   * @param upgrade take the connection over, so that frames go both ways
   * @throws CommandFailure when the engine cannot be reached or answers an error
   */
  public HttpAnswer post(String path, String body, boolean upgrade) throws IOException {
    HttpAnswer answer = request("POST", path, "", body, upgrade);
    if (answer.status() >= 400) {
      throw Failures.of(answer.text(), answer.status());
    }
    return answer;
  }

  /**
   * Sends a request with a body of JSON, which may be empty, and returns the answer, of any status.
   *
   * @param headers further lines of the head, each with its line's end
   * @param upgrade take the connection over
   * @throws CommandFailure when the engine cannot be reached
   */
  public HttpAnswer request(
      String method, String path, String headers, String body, boolean upgrade) throws IOException {
    byte[] content = body.getBytes(StandardCharsets.UTF_8);
    String head =
        method
            + " "
            + path
            + " HTTP/1.1\r\nHost: jcompose\r\n"
            + headers
            + "Content-Type: application/json\r\nContent-Length: "
            + content.length
            + caller()
            + (upgrade
                ? "\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"
                : "\r\nConnection: close\r\n\r\n");
    byte[] start = head.getBytes(StandardCharsets.ISO_8859_1);
    byte[] all = new byte[start.length + content.length];
    System.arraycopy(start, 0, all, 0, start.length);
    System.arraycopy(content, 0, all, start.length, content.length);
    HttpAnswer answer = ask(connect(), all);
    Consoles.current().asked();
    return answer;
  }

  /** For whom the engine sends a request to itself. */
  private static String caller() {
    String caller = Consoles.current().caller();
    return caller.isEmpty() ? "" : "\r\nJcompose-Caller: " + caller;
  }

  /** An engine that refuses a request may do so before it has read all of it. */
  private static HttpAnswer ask(Connection connection, byte[] request) throws IOException {
    IOException unsent = null;
    try {
      connection.output().write(request, 0, request.length);
    } catch (IOException e) {
      unsent = e;
    }
    try {
      return HttpAnswer.read(connection);
    } catch (IOException e) {
      throw unsent == null ? e : unsent;
    }
  }

  /** Opens a connection; starts an engine for it where that is wanted. */
  public Connection connect() throws IOException {
    if (remote != null) {
      Consoles.current().requireOwn(); // whose keys, and whose ~/.ssh/config
      return SshConnection.open(remote, remoteStarts);
    }
    try {
      return Connection.open(reached());
    } catch (EngineUnreachable e) {
      if (e.reason() == EngineUnreachable.Reason.ABSENT && toStart != null) {
        Consoles.current().requireOwn(); // one starts no other
        EngineStart.start(toStart);
        return Connection.open(socket);
      }
      throw new CommandFailure(explain(e), 1);
    }
  }

  /**
   * Another engine's socket, which may be anybody's, is the caller's to open: this process's engine
   * is nobody's client but its own, and that by its own name for the socket.
   */
  private String reached() {
    Console console = Consoles.current();
    if (console.isOwn()) {
      return socket;
    }
    String own = console.engineSocket();
    if (!isSame(socket, own)) {
      console.requireOwn();
    }
    return own;
  }

  private static boolean isSame(String one, String other) {
    try {
      return one.equals(other) || Files.isSameFile(Path.of(one), Path.of(other));
    } catch (IOException | InvalidPathException e) {
      return false; // the caller's view of the host may be another
    }
  }

  private String explain(EngineUnreachable e) {
    return switch (e.reason()) {
      case ABSENT -> "no engine answers at " + socket + ": start one with `jcompose engine`";
      case FORBIDDEN ->
          "permission denied while opening the engine's socket at "
              + socket
              + ": be root, or join its group (`usermod -aG jcompose \"$USER\"`, then log in again)";
      case BUSY, OTHER -> "cannot open the engine's socket at " + socket + ": " + e.getMessage();
    };
  }
}
