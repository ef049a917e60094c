package io.jcompose.samples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Clients that leave in the middle, send too much, do not read, or come without standard streams:
 * the engine is the same process afterwards, and serves.
 */
class HostileClientIT {
  private static final Path FOLDER = Path.of("src/test/resources/HostileClientIT").toAbsolutePath();

  @TempDir static Path root;
  private static Stage stage;
  private static String engine;

  @BeforeAll
  static void bringUp() throws Exception {
    stage = new Stage(root);
    stage.ok(FOLDER, "up", "-d");
    engine = enginePid();
  }

  @AfterEach
  void theEngineIsTheSame() throws Exception {
    assertThat(stage.ok(FOLDER, "ps", "-q").out()).hasSize(65);
    assertThat(enginePid()).isEqualTo(engine);
  }

  @AfterAll
  static void leavesNothing() throws Exception {
    if (stage != null) {
      stage.ok(FOLDER, "down");
      stage.close();
    }
  }

  private static String enginePid() throws IOException {
    return Files.readString(root.resolve("lib/engine.lock"));
  }

  private static SocketChannel connect() throws IOException {
    SocketChannel client = SocketChannel.open(StandardProtocolFamily.UNIX);
    client.connect(UnixDomainSocketAddress.of(root.resolve("run/engine.sock")));
    return client;
  }

  /** Sends as much of a request as the engine takes. */
  private static void send(SocketChannel client, String text) {
    ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    try {
      while (bytes.hasRemaining()) {
        client.write(bytes);
      }
    } catch (IOException e) {
      // it was refused already
    }
  }

  private static String post(String path, String body) {
    return "POST /jcompose/v1/"
        + path
        + " HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: tcp\r\nContent-Length: "
        + body.length()
        + "\r\n\r\n"
        + body;
  }

  @Test
  void execsOfClientsThatLeftDoNotStay() throws Exception {
    String body =
        "{\"cwd\": \"%s\", \"arguments\": [\"box\", \"sleep\", \"7654\"], \"stdin\": true}"
            .formatted(FOLDER);
    for (int i = 0; i < 140; i++) {
      try (SocketChannel client = connect()) {
        send(client, post("exec", body));
      }
    }
    Stage.eventually(
        () -> {
          String left = stage.ok(FOLDER, "top", "box").out();
          if (left.contains("7654")) {
            throw new IOException("still there: " + left);
          }
          return left;
        });
    assertThat(stage.ok(FOLDER, "exec", "-T", "box", "echo", "room").out()).isEqualTo("room\n");
  }

  @Test
  void largeAndManyPartedRequestsAreRefused() throws Exception {
    String numbers = "{\"options\":{\"x\":[" + "0,".repeat(1_900_000) + "0]}}";
    for (int i = 0; i < 5; i++) {
      try (SocketChannel client = connect()) {
        send(client, post("ls", numbers));
        ByteBuffer answer = ByteBuffer.allocate(4096);
        client.read(answer);
        assertThat(new String(answer.array(), StandardCharsets.UTF_8)).contains("too large");
      }
    }
    String header = "x: " + "y".repeat(60_000) + "\r\n";
    List<SocketChannel> clients = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      SocketChannel client = connect();
      clients.add(client);
      send(client, "GET /_ping HTTP/1.1\r\n" + header.repeat(90) + "\r\n");
    }
    for (SocketChannel client : clients) {
      client.close();
    }
  }

  /** What the client program sends, with an end of its own. */
  private static String commandLine(String tail) throws IOException {
    String build = Files.readString(Stage.HOME.resolve("dist/jcompose/lib/build")).strip();
    String start = String.join("\0", build, FOLDER.toString(), "000", "24", "80", "1", "");
    return post("cli", start + tail);
  }

  @Test
  void commandLinesOfMillionsOfWordsAreRefusedAtOnce() throws Exception {
    String words = "15000000\0" + "\0".repeat(15_000_000) + "0\0" + "0\0";
    for (int i = 0; i < 5; i++) {
      try (SocketChannel client = connect()) {
        send(client, commandLine(words));
        ByteBuffer answer = ByteBuffer.allocate(4096);
        client.read(answer);
        assertThat(new String(answer.array(), StandardCharsets.UTF_8)).startsWith("HTTP/1.1 413");
      }
    }
  }

  /** In JSON a control character is six, and there are copies: a hundred megabytes each. */
  @Test
  void whatWordsBecomeIsCounted() throws Exception {
    String words = ("\33".repeat(125_000) + "\0").repeat(15);
    String request = commandLine("18\0-p\0x\0ps\0" + words + "0\0" + "0\0");
    try (var clients = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 24; i++) {
        clients.execute(() -> sendAndRead(request));
      }
    }
  }

  private static void sendAndRead(String request) {
    try (SocketChannel client = connect()) {
      send(client, request);
      Channels.newInputStream(client).transferTo(OutputStream.nullOutputStream());
    } catch (IOException e) {
      // it was refused, and its rest not read
    }
  }

  /** Each answer has 2.6 MB. */
  @Test
  void answersThatNobodyReadsAreCounted() throws Exception {
    String text = "{{$a := \"xxxxxxxxxx\"}}" + "{{$a = print $a $a}}".repeat(18) + "{{$a}}";
    List<SocketChannel> clients = new ArrayList<>();
    try {
      for (int i = 0; i < 120; i++) {
        SocketChannel client = connect();
        clients.add(client);
        send(client, commandLine("3\0info\0--format\0" + text + "\0" + "0\0" + "0\0"));
      }
      for (SocketChannel client : clients) {
        assertThat(client.read(ByteBuffer.allocate(1000))).isPositive();
      }
    } finally {
      for (SocketChannel client : clients) {
        client.close();
      }
    }
  }

  /** Each holds a command that fills its connection, and none of the others waits for it. */
  @Test
  void commandsOfClientsThatDoNotReadKeepNobody() throws Exception {
    List<SocketChannel> clients = new ArrayList<>();
    try {
      for (int i = 0; i < 60; i++) {
        SocketChannel client = connect();
        clients.add(client);
        send(client, commandLine("4\0exec\0-T\0box\0yes\0" + "0\0" + "0\0"));
      }
      assertThat(stage.ok(FOLDER, "exec", "-T", "box", "echo", "room").out()).isEqualTo("room\n");
    } finally {
      for (SocketChannel client : clients) {
        client.close();
      }
    }
    Stage.eventually(
        () -> {
          String left = stage.ok(FOLDER, "top", "box").out();
          if (left.contains("yes")) {
            throw new IOException("still there: " + left);
          }
          return left;
        });
  }

  @Test
  void hugeArgumentsOfManyExecsFit() throws Exception {
    // One character beyond Latin-1 doubles what a string takes.
    String argument = "x".repeat(120_000) + "\\u20ac";
    String body =
        "{\"cwd\": \"%s\", \"arguments\": [\"box\", \"true\", \"%s\"]}".formatted(FOLDER, argument);
    for (int i = 0; i < 130; i++) {
      try (SocketChannel client = connect()) {
        send(client, post("exec", body));
        byte[] answer = Channels.newInputStream(client).readAllBytes();
        assertThat(new String(answer, StandardCharsets.UTF_8)).contains("\"exitCode\":0");
      }
    }
  }

  @Test
  void closedStandardStreamsAreEmptyOnes() throws Exception {
    assertThat(stage.shell(FOLDER, "$J exec -T box cat <&-")).isEmpty();
    stage.shell(FOLDER, "$J exec -T box true 2>&-");
    stage.shell(FOLDER, "$J up -d <&- >&- 2>&-");
    assertThat(stage.shell(FOLDER, "$J run --rm -T box cat <&-")).isEmpty();
  }

  @Test
  void aNameIsFreeWhenItsRunHasEnded() throws Exception {
    for (int i = 0; i < 10; i++) {
      assertThat(stage.ok(FOLDER, "run", "--rm", "-T", "--name", "again", "box", "true").out())
          .isEmpty();
    }
  }

  /** In the engine it would give the engine's own lock away. */
  @Test
  void anEngineIsNotStartedInAnother() throws Exception {
    for (String words : List.of("compose engine", "--workdir / engine", "-p x engine")) {
      assertThat(stage.shell(FOLDER, "$J " + words + " 2>&1 || :")).contains("stands first");
    }
    String locks = "inode=$(stat -c %i " + root.resolve("lib/engine.lock") + "); ";
    assertThat(stage.shell(FOLDER, locks + "grep -c \":$inode \" /proc/locks")).isEqualTo("1\n");
  }

  /** Ten thousand words took the engine half a minute, for whoever wrote them. */
  @Test
  void manyWordsKeepNobody() throws Exception {
    String words = "compose\0".repeat(4000);
    try (SocketChannel client = connect()) {
      send(client, commandLine("4001\0" + words + "version\0" + "0\0" + "0\0"));
      assertThat(stage.ok(FOLDER, "exec", "-T", "box", "echo", "room").out()).isEqualTo("room\n");
      String answer =
          new String(Channels.newInputStream(client).readAllBytes(), StandardCharsets.UTF_8);
      assertThat(answer).contains("unknown jcompose command");
    }
  }

  @Test
  void aFolderThatIsGoneIsSaidInAWord() throws Exception {
    String gone = "mkdir \"$TMPDIR/gone\" && cd \"$TMPDIR/gone\" && rmdir \"$TMPDIR/gone\"; ";
    assertThat(stage.shell(FOLDER, "export TMPDIR=" + root + "; " + gone + "$J ps 2>&1 || :"))
        .contains("the current folder is gone")
        .doesNotContain("java");
  }

  /** Services, cron jobs and many an ssh come without a locale. */
  @Test
  void argumentsAreUtf8WhateverTheLocale() throws Exception {
    String letter = "o=$(printf '\\303\\266'); "; // this Java's own locale shall not matter
    for (String locale : List.of("LC_ALL=C", "LC_ALL=", "LANG=C")) {
      String exec = letter + "env " + locale + " $J exec -T -e X=1$o box ";
      assertThat(stage.shell(FOLDER, exec + "sh -c 'echo \"$X$LC_ALL '\"3$o\"'\"'"))
          .isEqualTo("1\u00f6 3\u00f6\n");
    }
  }

  /** The Java runtime would follow it, and say so on standard output or error. */
  @Test
  void whatIsMeantForOtherJavaProgramsIsNotForThisOne() throws Exception {
    String bad = "JAVA_TOOL_OPTIONS=-Xbad _JAVA_OPTIONS=-Xbad JDK_JAVA_OPTIONS=-Xbad ";
    Path folder = Files.createDirectory(root.resolve("settings"));
    stage.shell(folder, "touch .hotspotrc .hotspot_compiler");
    assertThat(stage.shell(folder, bad + "$J -p hostile ps -q 2>&1")).hasSize(65);
  }

  @Test
  void theTerminalIsGivenBackHoweverAClientEnds() throws Exception {
    for (String signal : List.of("INT", "TERM", "HUP")) {
      Path files = Files.createDirectory(root.resolve("terminal-" + signal));
      Path script =
          Files.writeString(
              files.resolve("script"),
              """
              stty -a >%1$s/before
              ( until stty -a </dev/tty | grep -q -e -icanon; do sleep 0.1; done
                kill -%2$s "$(cat %1$s/pid)" ) &
              sh -c 'echo $$ >%1$s/pid; exec env --default-signal=INT,HUP,TERM "$J" exec box sleep 100'
              wait
              stty -a >%1$s/after
              """
                  .formatted(files, signal));
      stage.shell(
          FOLDER, "script -qec 'exec sh %s' /dev/null </dev/null >/dev/null".formatted(script));
      assertThat(files.resolve("before")).isNotEmptyFile();
      assertThat(files.resolve("after")).hasSameTextualContentAs(files.resolve("before"));
    }
  }
}
