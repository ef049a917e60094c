package io.jcompose.cli;

import io.jcompose.api.http.Exchange;
import io.jcompose.api.http.ServerSocketFront;
import io.jcompose.cli.wire.Frames;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/**
 * Answers as an engine does, with nothing behind it: the build trains the command line's AOT cache
 * against it.
 */
final class TrainingServer {
  private static final String TABLE = "NAME      IMAGE     COMMAND   SERVICE   CREATED   STATUS\n";

  private TrainingServer() {}

  public static void main(String[] arguments) throws IOException, InterruptedException {
    ServerSocketFront front =
        ServerSocketFront.open(Path.of(arguments[0]), "jcompose", TrainingServer::answer);
    new CountDownLatch(1).await(); // until the build ends this process
    front.close();
  }

  private static void answer(Exchange exchange) throws IOException {
    exchange.bodyBytes(1 << 20);
    if (!exchange.head().path().endsWith("/up")) {
      exchange.respond(200, "text/plain", TABLE);
      return;
    }
    OutputStream stream = exchange.stream(200, "application/vnd.docker.multiplexed-stream", null);
    for (String status : new String[] {"Creating", "Created", "Starting", "Started"}) {
      String line = "{\"id\":\"Container a-web-1\",\"status\":\"" + status + "\",\"text\":\"\"}\n";
      send(stream, line);
    }
    send(stream, "{\"exitCode\":0}\n");
  }

  private static void send(OutputStream stream, String line) throws IOException {
    byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
    Frames.write(stream, Frames.CONTROL, bytes, bytes.length);
  }
}
