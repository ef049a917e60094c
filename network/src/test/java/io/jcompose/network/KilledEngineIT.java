package io.jcompose.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;

/** Kills an engine between any two steps; the next one leaves only what has a record. */
class KilledEngineIT extends NetworkLab {
  private static final int ROUNDS = 6;
  private static final int MOST_MILLIS = 400;

  @RepeatedTest(ROUNDS)
  void theNextStartSweepsWhatItLeft(RepetitionInfo repetition) throws Exception {
    stack.close();
    Process engine = churn();
    try {
      BufferedReader output =
          new BufferedReader(
              new InputStreamReader(engine.getInputStream(), StandardCharsets.UTF_8));
      assertThat(output.readLine()).isEqualTo("ready");
      // any moment will do; each repetition has one of its own
      int millis = new Random(repetition.getCurrentRepetition()).nextInt(MOST_MILLIS);
      assertThat(engine.waitFor(millis, TimeUnit.MILLISECONDS)).isFalse();
    } finally {
      engine.destroyForcibly().waitFor();
    }
    stack = NetworkStack.open(config);
    stack.finishAdoption();
    List<String> bridges =
        stack.networks().list(Map.of()).stream()
            .map(network -> "jc" + network.id().substring(0, 12))
            .toList();
    List<String> expected = Stream.concat(Stream.of("lo"), bridges.stream()).sorted().toList();
    await("links to be those of the records", () -> links().equals(expected));
    assertThat(sh("nft list map inet jcompose_it pub4; nft list map inet jcompose_it pub6"))
        .doesNotContain("elements");
    assertThat(sh("nft list set inet jcompose_it nets"))
        .satisfies(set -> assertThat(set.split("\"jc", -1)).hasSize(bridges.size() + 1));
    try (Stream<Path> files = Files.list(config.stateDir())) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .hasSize(bridges.size())
          .allSatisfy(name -> assertThat(name).endsWith(".json"));
    }
    network("after", true, Map.of());
    Sandbox web = sandbox("web", List.of(on("after", "web")), port("", 18080, 80, "tcp"));
    serve(web, 80, "hello");
    assertThat(fetch(null, "127.0.0.1", 18080)).isEqualTo("hello");
  }

  private Process churn() throws IOException {
    String java = ProcessHandle.current().info().command().orElseThrow();
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    return new ProcessBuilder(
            java,
            "-XX:TieredStopAtLevel=1",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            classPath,
            Churn.class.getName(),
            config.stateDir().toString(),
            config.resolvConf().toString())
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  private static List<String> links() {
    return sh("ip -o link")
        .lines()
        .map(line -> line.split(": ")[1].split("@")[0])
        .sorted()
        .toList();
  }
}
