package io.jcompose.cli.engine;

import io.jcompose.cli.wire.ClientRequest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Where Jazzer enters with what a client might send: a request, or, behind a first byte that is
 * odd, frames. {@code scripts/fuzz client} runs it.
 */
public final class ClientFuzz {
  private static final ClientRequest REQUEST =
      new ClientRequest("", "/", "111", 24, 80, 0, List.of(), Map.of(), Map.of());

  private static final ClientConsole.Carrier CARRIER =
      new ClientConsole.Carrier(Path.of("/none"), "fuzz", bytes -> {}, () -> {});

  private ClientFuzz() {}

  /** Jazzer's name for it; what it throws is a finding. */
  public static void fuzzerTestOneInput(byte[] input) throws Exception {
    if (input.length == 0) {
      return;
    }
    byte[] rest = Arrays.copyOfRange(input, 1, input.length);
    if ((input[0] & 1) == 1) {
      frames(rest);
    } else {
      request(rest);
    }
  }

  private static void request(byte[] bytes) {
    ClientRequest request;
    try {
      request = ClientRequest.parse(bytes);
    } catch (IllegalArgumentException e) {
      return; // refused
    }
    int words = request.arguments().size() + 2 * request.env().size();
    if (!request.build().equals(ClientRequest.buildOf(bytes))
        || ClientRequest.heapBytes(bytes) < 64 * words) {
      throw new IllegalStateException("another build, or more words than are counted: " + request);
    }
  }

  private static void frames(byte[] bytes) throws Exception {
    try (ClientConsole console =
        new ClientConsole(
            REQUEST, new ByteArrayInputStream(bytes), OutputStream.nullOutputStream(), CARRIER)) {
      long[] taken = {0};
      Thread command = Thread.ofVirtual().start(() -> taken[0] = readAll(console));
      console.onSignals(name -> {});
      console.onResize(() -> {});
      console.read();
      Thread.interrupted(); // the command's, as the client has gone
      command.join();
      if (taken[0] > bytes.length || console.rows(0) < 1 || console.columns(0) < 1) {
        throw new IllegalStateException("more input than was sent, or no size");
      }
    }
  }

  private static long readAll(ClientConsole console) {
    try {
      return console.in().readAllBytes().length;
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
