package io.jcompose.cli.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The program in C against an engine that answers what it is told to. */
@Timeout(30)
class ClientProgramTest {
  private static final String EXIT_7 = "\23\0\0\0\0\0\0\1\7";
  private static final int JAVA = 9;
  @TempDir Path home;

  @BeforeEach
  void install() throws IOException {
    Files.createDirectories(home.resolve("bin"));
    Files.createDirectories(home.resolve("lib"));
    Files.copy(Path.of("target/native/jcompose"), home.resolve("bin/jcompose"));
    Files.writeString(home.resolve("lib/build"), "b1\n");
    Path java = Files.writeString(home.resolve("lib/jcompose-java"), "#!/bin/sh\nexit 9\n");
    Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private record Run(int exit, String said, int asked) {}

  /** Runs it; the last answer is given again and again. */
  private Run run(String... answers) throws Exception {
    Path socket = home.resolve("s.sock");
    int[] asked = {0};
    Process client;
    String said;
    Thread engine;
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(socket));
      engine = Thread.ofVirtual().start(() -> answer(server, answers, asked));
      client =
          new ProcessBuilder(home + "/bin/jcompose", "-H", "unix://" + socket, "ls")
              .redirectErrorStream(true)
              .start();
      said = new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
    engine.join();
    Files.delete(socket);
    return new Run(client.waitFor(), said, asked[0]);
  }

  private static void answer(ServerSocketChannel server, String[] answers, int[] asked) {
    Deque<String> left = new ArrayDeque<>(List.of(answers));
    while (true) {
      try (SocketChannel client = server.accept()) {
        asked[0]++;
        String answer = left.size() > 1 ? left.pop() : left.getFirst();
        client.read(ByteBuffer.allocate(1 << 16));
        client.write(ByteBuffer.wrap(answer.getBytes(StandardCharsets.ISO_8859_1)));
      } catch (IOException e) {
        return; // closed
      }
    }
  }

  private static String head(int status) {
    return "HTTP/1.1 " + status + " Status\r\n\r\n";
  }

  @Test
  void asksAgainWhereThereIsNoRoomNow() throws Exception {
    assertThat(run(head(503), head(503), head(101) + EXIT_7)).isEqualTo(new Run(7, "", 3));
  }

  @Test
  void givesUpWithoutAJavaRuntimeWhereThereIsNoRoom() throws Exception {
    Run run = run(head(503));
    assertThat(run.exit()).isOne();
    assertThat(run.said()).isEqualTo("the engine has as much to do as it can; try again later\n");
    assertThat(run.asked()).isBetween(5, 80);
  }

  @Test
  void doesByItselfWhatTheEngineDoesNot() throws Exception {
    for (int status : new int[] {400, 409, 413}) {
      assertThat(run(head(status))).isEqualTo(new Run(JAVA, "", 1));
    }
    assertThat(run("")).isEqualTo(new Run(JAVA, "", 1));
  }
}
