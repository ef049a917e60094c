package io.jcompose.cli.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.cli.client.EngineClient;
import io.jcompose.cli.terminal.CommandFailure;
import io.jcompose.cli.terminal.Console;
import io.jcompose.cli.terminal.Consoles;
import io.jcompose.cli.terminal.StandardInput;
import io.jcompose.cli.wire.ClientRequest;
import io.jcompose.cli.wire.Frames;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an engine does for the command of a client. */
class ClientConsoleTest {
  @TempDir Path folder;
  private int kept;

  private ClientConsole console(InputStream from) {
    ClientRequest request =
        new ClientRequest("", "/", "000", 0, 0, 0, List.of(), Map.of(), Map.of());
    ClientConsole.Carrier carrier = new ClientConsole.Carrier(own(), "joe", this::keep, () -> {});
    return new ClientConsole(request, from, OutputStream.nullOutputStream(), carrier);
  }

  private Path own() {
    return folder.resolve("engine.sock");
  }

  private void keep(int bytes) {
    kept += bytes;
    if (kept > 1 << 20) {
      throw new CommandFailure("too much", 1);
    }
  }

  private boolean isUp(Path socket) {
    boolean[] up = {false};
    try (ClientConsole console = console(InputStream.nullInputStream())) {
      Consoles.run(
          console,
          () -> {
            up[0] = new EngineClient(socket.toString()).isUp();
            return 0;
          });
    }
    return up[0];
  }

  private static ServerSocketChannel listening(Path socket) throws IOException {
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(socket));
    return server;
  }

  @Test
  void theEngineIsAClientOfNoOtherSocketThanItsOwn() throws Exception {
    Path other = folder.resolve("other.sock");
    Path link = Files.createSymbolicLink(folder.resolve("link"), folder);
    try (ServerSocketChannel _ = listening(own());
        ServerSocketChannel _ = listening(other)) {
      assertThat(isUp(own())).isTrue();
      assertThat(isUp(link.resolve("engine.sock"))).isTrue();
      assertThatThrownBy(() -> isUp(other)).isInstanceOf(Console.NotHere.class);
      assertThatThrownBy(() -> isUp(folder.resolve("none"))).isInstanceOf(Console.NotHere.class);
    }
  }

  @Test
  void whatIsReadOfStandardInputCountsAgainstTheEnginesMemory() throws Exception {
    ByteArrayOutputStream frames = new ByteArrayOutputStream();
    for (int i = 0; i < 12; i++) {
      Frames.write(frames, Frames.STDIN, new byte[1 << 16], 1 << 16);
    }
    Thread client;
    try (ClientConsole console = console(new ByteArrayInputStream(frames.toByteArray()))) {
      client = Thread.ofVirtual().start(console::read);
      assertThatThrownBy(() -> Consoles.run(console, () -> standardInput().length()))
          .isInstanceOf(CommandFailure.class)
          .hasMessage("too much");
      console.exit(1); // so that the client's end interrupts nobody
    }
    client.join();
  }

  private static String standardInput() {
    try {
      return new StandardInput().of("-");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
