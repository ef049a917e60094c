package io.jcompose.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.core.ContainerSpec.Logging;
import io.jcompose.core.Containers.LogQuery;
import io.jcompose.core.Containers.LogReader;
import io.jcompose.core.Containers.LogRecord;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Where the output of real containers goes: packed files, and the journal. */
@Timeout(120)
class LogsIT {
  private static final int LINES = 40_000;

  /** Writes each datagram as one line of a file: its bytes in hexadecimal. */
  private static final String JOURNAL =
      """
      use Socket; $| = 1;
      socket(my $s, AF_UNIX, SOCK_DGRAM, 0) or die;
      bind($s, sockaddr_un($ARGV[0])) or die;
      open(my $f, '>>', $ARGV[1]) or die; $f->autoflush(1); print "ready\\n";
      while (defined recv($s, my $m, 65536, 0)) { print $f unpack('H*', $m), "\\n"; }
      """;

  @RegisterExtension static final EngineFixture host = new EngineFixture();

  /** A record of 16 KiB has no room for a whole number of characters of three bytes. */
  @Test
  void aLongLineIsOneAndLosesNoCharacter() throws Exception {
    host.run(host.spec("box").sh("yes € | head -n 30000 | tr -d '\\n'; echo; echo next"));
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder();
    try (LogReader reader = host.containers().logs("box", LogQuery.ALL)) {
      for (LogRecord record = reader.next(); record != null; record = reader.next()) {
        line.append(record.text());
        if (!record.continues()) {
          lines.add(line.toString());
          line.setLength(0);
        }
      }
    }
    assertThat(lines).containsExactly("€".repeat(30_000) + "\n", "next\n");
  }

  @Test
  void packedFilesAreReadAsTheOthers() throws Exception {
    TestSpec spec =
        host.spec("packed")
            .sh("i=0; while [ $i -lt " + LINES + " ]; do echo line $i; i=$((i+1)); done");
    spec.logging =
        new Logging("json-file", Map.of("max-size", "200k", "max-file", "9", "compress", "true"));
    String id = host.run(spec);
    EngineFixture.await("packed files", () -> packed(id) >= 3);
    List<String> lines = host.log("packed").lines().toList();
    int first = LINES - lines.size(); // the oldest may have been rotated away
    assertThat(lines).hasSizeGreaterThan(10_000);
    assertThat(lines).isEqualTo(IntStream.range(first, LINES).mapToObj(i -> "line " + i).toList());
    host.reopen();
    assertThat(host.log("packed").lines()).hasSize(lines.size());
  }

  private static long packed(String id) {
    try (Stream<Path> files = Files.list(host.config.container(id))) {
      return files.filter(file -> file.toString().endsWith(".gz")).count();
    } catch (IOException e) {
      return 0; // a file was renamed while it was listed
    }
  }

  @Test
  void theJournalGetsEachRecordOnce() throws Exception {
    try (Journal journal = new Journal(host.root)) {
      TestSpec spec =
          host.spec("told").sh("echo hello; echo oops >&2; printf tail; exec sleep 1000");
      spec.logging = new Logging("journald", Map.of("tag", "{{.Name}}/x", "env", "COLOUR"));
      spec.env = List.of("COLOUR=red");
      host.start(spec);
      EngineFixture.await("two records", () -> journal.records().size() == 2);
      assertThat(journal.records())
          .allSatisfy(
              record ->
                  assertThat(record)
                      .contains("CONTAINER_NAME=told\n", "CONTAINER_TAG=told/x\n", "COLOUR=red\n"))
          .anySatisfy(record -> assertThat(record).contains("MESSAGE=hello\n", "PRIORITY=6\n"))
          .anySatisfy(record -> assertThat(record).contains("MESSAGE=oops\n", "PRIORITY=3\n"));
      host.reopen();
      host.containers().kill("told", "KILL");
      EngineFixture.await("the unfinished line", () -> journal.records().size() == 3);
      assertThat(journal.records().getLast())
          .contains("MESSAGE=tail\n", "CONTAINER_PARTIAL_MESSAGE=true\n");
    }
  }

  /** A journal's socket at its place, in this test's own mount namespace. */
  private static final class Journal implements AutoCloseable {
    private static final Path DIR = Path.of("/run/systemd");
    private final boolean made = Files.notExists(DIR);
    private final Path file;
    private final Process receiver;

    Journal(Path root) throws Exception {
      file = root.resolve("journal");
      Files.createDirectories(DIR);
      assertThat(run("mount", "-t", "tmpfs", "tmpfs", DIR.toString())).isZero();
      Path socket = Path.of("/run/systemd/journal/socket");
      Files.createDirectories(socket.getParent());
      receiver =
          new ProcessBuilder(
                  "perl", "-MIO::Handle", "-e", JOURNAL, socket.toString(), file.toString())
              .start();
      assertThat(receiver.inputReader().readLine()).isEqualTo("ready");
    }

    List<String> records() {
      try (Stream<String> lines = Files.lines(file)) {
        return lines
            .map(hex -> HexFormat.of().parseHex(hex))
            .map(bytes -> new String(bytes, StandardCharsets.UTF_8))
            .toList();
      } catch (IOException e) {
        return List.of();
      }
    }

    @Override
    public void close() throws IOException {
      receiver.destroy();
      receiver.onExit().orTimeout(20, TimeUnit.SECONDS).join();
      assertThat(run("umount", DIR.toString())).isZero();
      Files.delete(file);
      if (made) {
        Files.delete(DIR);
      }
    }

    private static int run(String... words) throws IOException {
      return new ProcessBuilder(words).inheritIO().start().onExit().join().exitValue();
    }
  }
}
