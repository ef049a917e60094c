package io.jcompose.cli.action;

import io.jcompose.cli.client.EngineClient;
import io.jcompose.cli.client.Roots;
import io.jcompose.cli.command.Invocation;
import io.jcompose.cli.request.Engines;
import io.jcompose.cli.terminal.Consoles;
import io.jcompose.cli.wire.Connection;
import io.jcompose.cli.wire.DialWords;
import io.jcompose.cli.wire.Version;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * {@code jcompose dial-stdio}: joins standard input and output to this host's engine, for a command
 * on another host that came by ssh. It greets first, so that this other one can tell an engine from
 * what a shell prints at its start. The end of its input means that the command has left.
 */
final class DialAction {
  private static final int PART = 65536;

  private DialAction() {}

  static int run(Invocation invocation) throws IOException {
    Consoles.current().requireOwn();
    Connection engine = client(invocation).connect();
    OutputStream out = new FileOutputStream(FileDescriptor.out);
    out.write((DialWords.GREETING + Version.TEXT + "\n").getBytes(StandardCharsets.UTF_8));
    Thread input = new Thread(() -> send(engine), "stdin");
    input.setDaemon(true);
    input.start();
    try {
      copy(engine.input(), out);
    } catch (IOException e) {
      // the engine ended, or the other host is gone: either sees it by the end of this program
    }
    return 0;
  }

  private static EngineClient client(Invocation invocation) {
    if (!invocation.arguments().isEmpty()) {
      return new EngineClient(invocation.arguments().get(0));
    }
    Roots roots = Engines.roots(invocation);
    return invocation.has("running") ? new EngineClient(roots.socket()) : new EngineClient(roots);
  }

  private static void send(Connection engine) {
    try {
      copy(new FileInputStream(FileDescriptor.in), engine.output());
    } catch (IOException e) {
      // as above
    }
    engine.close();
  }

  private static void copy(InputStream from, OutputStream to) throws IOException {
    byte[] part = new byte[PART];
    for (int count = from.read(part, 0, PART); count > 0; count = from.read(part, 0, PART)) {
      to.write(part, 0, count);
    }
  }
}
