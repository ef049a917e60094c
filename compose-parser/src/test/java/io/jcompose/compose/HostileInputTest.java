package io.jcompose.compose;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.jcompose.compose.config.ConfigWriter;
import io.jcompose.compose.model.Project;
import io.jcompose.compose.tree.LoadLimits;
import io.jcompose.compose.tree.LoadTurns;
import io.jcompose.core.JcomposeException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Input that means to harm: it is refused with a clear message, within the 256 MB of heap that this
 * module's tests have, on a stack as small as the engine's threads have, and never hangs.
 */
class HostileInputTest {
  private static final int STACK_BYTES = 256 * 1024;
  private static final int MIB = 1 << 20;

  @TempDir Path dir;

  /** Loads the folder's project; the text of the exception when it is refused, else empty. */
  private String refusal(String... files) throws Exception {
    FutureTask<String> task =
        new FutureTask<>(
            () -> {
              try {
                LoadRequest request =
                    LoadRequest.of(dir, Map.of("BIG", "b".repeat(100_000)))
                        .withFiles(List.of(files));
                Project project = new ProjectLoader().load(request);
                new ConfigWriter().yaml(project, List.of(), true);
                return "";
              } catch (JcomposeException.InvalidArgument e) {
                return String.valueOf(e.getMessage());
              }
            });
    Thread thread = new Thread(null, task, "small stack", STACK_BYTES);
    thread.setDaemon(true);
    thread.start();
    return task.get(60, TimeUnit.SECONDS);
  }

  private void write(String file, String text) throws IOException {
    Files.writeString(dir.resolve(file), text);
  }

  private static String bomb(int levels, int width, String leaf) {
    StringBuilder yaml = new StringBuilder("x-0: &a0 " + leaf + "\n");
    for (int i = 1; i <= levels; i++) {
      String alias = "*a" + (i - 1);
      yaml.append("x-%d: &a%d [%s]\n".formatted(i, i, (alias + ",").repeat(width)));
    }
    return yaml.append("services: {a: {image: x}}\n").toString();
  }

  static Stream<Arguments> texts() {
    String service = "services: {a: {image: x}}\n";
    StringBuilder merges = new StringBuilder("x-0: &a0 {k: v}\n");
    for (int i = 1; i < 30; i++) {
      merges.append(
          "x-%d: &a%d {<<: [*a%d, *a%d], k%d: *a%d}\n".formatted(i, i, i - 1, i - 1, i, i - 1));
    }
    StringBuilder extending = new StringBuilder("services:\n  s0: {image: x, command: [");
    extending.append("a,".repeat(2000)).append("]}\n");
    for (int i = 1; i < 500; i++) {
      extending.append("  s%d: {extends: s0}\n".formatted(i));
    }
    StringBuilder chain = new StringBuilder("services:\n  s0: {image: x}\n");
    for (int i = 1; i < 5000; i++) {
      chain.append("  s%d: {extends: s%d}\n".formatted(5000 - i, i == 4999 ? 0 : 4999 - i));
    }
    return Stream.of(
        arguments(
            "lists of aliases", bomb(9, 10, "[1,2,3,4,5,6,7,8,9]"), "the project is too large"),
        arguments("aliases of a text", bomb(4, 10, '"' + "t".repeat(100_000) + '"'), "too large"),
        arguments("merge keys", merges + service, "the project is too large"),
        arguments("an anchor in itself", "x-a: &a [*a]\n" + service, "contains itself"),
        arguments("deep lists", "x-a: " + "[".repeat(100_000), "nested deeper than 100 levels"),
        arguments("deep mappings", "x-a: " + "{a: ".repeat(50_000), "nested deeper than"),
        arguments("deep dashes", "x-a:\n " + "- ".repeat(100_000), "nested deeper than"),
        arguments("port ranges", ports(), "the project is too large"),
        arguments("services that extend a large one", extending.toString(), "too large"),
        arguments("a long chain of extends", chain.toString(), "Circular reference"),
        arguments("a service that extends itself", "services: {a: {extends: a}}", "Circular"),
        arguments(
            "deep interpolation",
            "services: {a: {image: '" + "${a:-".repeat(5000) + "}".repeat(5000) + "'}}",
            "nested deeper than 100 levels"),
        arguments(
            "large interpolation",
            "services: {a: {image: x, command: [" + "'$BIG$BIG',".repeat(1000) + "]}}",
            "the project is too large"),
        arguments("a control character", "services: {a: {image: \u0001}}", "1:23: yaml: control"),
        arguments("an escaped NUL", "services: {a: {image: \"\\0\"}}", "has a NUL character"),
        arguments(
            "too many values", "x-a: [" + "a,\n  ".repeat(400_000) + "]\n" + service, "too large"),
        arguments(
            "a million digits",
            "services: {a: {image: x, mem_limit: '" + "9".repeat(200_000) + "'}}",
            "invalid size"),
        arguments("long unknown keys", longKeys(), "not allowed"));
  }

  private static String ports() {
    StringBuilder yaml = new StringBuilder("services:\n");
    for (int i = 0; i < 20; i++) {
      yaml.append("  s%d: {image: x, ports: ['1-65535:1-65535']}\n".formatted(i));
    }
    return yaml.toString();
  }

  private static String longKeys() {
    String key = "k".repeat(20_000);
    return "services:\n  ? %sa\n  : {image: x, depends_on: [%sb], sevices: 1}\n"
        .formatted(key, key);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("texts")
  void refuses(String name, String text, String message) throws Exception {
    write("compose.yaml", text);
    assertThat(refusal()).contains(message).startsWith(dir.toString());
  }

  /** Whether the answer is yes or no, it comes. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "[",
        "{",
        "(",
        "? ",
        "- ",
        "&a ",
        "*a ",
        "! ",
        "'",
        "\"",
        " ",
        "\n",
        "\r",
        "#",
        " #",
        "a: ",
        "a:\n",
        "%",
        "\t",
        ",",
        ":",
        "|\n",
        "> ",
        "---\n",
        "...\n",
        "\\",
        "$",
        "${",
        "a",
        "0",
        "<<: ",
        "!reset ",
        "%TAG ! a\n",
        "%YAML 1.1\n",
        "[a,",
        "{a: b}\n",
        "[]: ",
        "\"\\u0041",
        "a b\n",
        "- - \n",
        "é",
        "\u2028"
      })
  void answersToMuchOf(String piece) throws Exception {
    String much = piece.repeat(200_000 / piece.length());
    write("compose.yaml", much);
    assertThat(refusal()).isNotNull();
    write(".env", "A=" + much);
    write("compose.yaml", "services: {a: {image: x, command: \n    " + much);
    assertThat(refusal()).isNotNull();
  }

  @Test
  void readsOneHugeScalarOrRefusesItsFile() throws Exception {
    int size = (int) LoadLimits.ofThisProcess(new LoadTurns()).maxFileBytes();
    String service = "services: {a: {image: x}}\nx-a: ";
    String line = "  " + "a".repeat(1021) + "\n";
    String lines = "|\n" + line.repeat(size / 1024 - 1);
    write("compose.yaml", service + lines);
    assertThat(refusal()).isEmpty();
    write("compose.yaml", service + lines + line.repeat(2));
    assertThat(refusal()).contains("is larger than");
    write("compose.yaml", service + "a".repeat(MIB));
    assertThat(refusal()).contains("compose.yaml:2:1: the line is longer than 256 KiB");
  }

  @Test
  void followsLongChainsOfDependencies() throws Exception {
    StringBuilder yaml = new StringBuilder("services:\n  s0: {image: x}\n");
    for (int i = 1; i < 10_000; i++) {
      yaml.append("  s%d: {image: x, depends_on: [s%d]}\n".formatted(i, i - 1));
    }
    write("compose.yaml", yaml.toString());
    assertThat(refusal()).isEmpty();
  }

  @Test
  void refusesCyclesOfFiles() throws Exception {
    write("compose.yaml", "include: [b.yaml]\n");
    write("b.yaml", "include: [compose.yaml]\n");
    assertThat(refusal()).contains("include cycle detected");
    write("compose.yaml", "services: {a: {extends: {file: b.yaml, service: b}}}");
    write("b.yaml", "services: {b: {extends: {file: compose.yaml, service: a}}}");
    assertThat(refusal()).contains("Circular reference");
  }

  @Test
  void refusesATreeOfIncludes() throws Exception {
    for (int i = 0; i < 30; i++) {
      write("i" + i + ".yaml", "include: [i%d.yaml, i%d.yaml]\n".formatted(i + 1, i + 1));
    }
    write("i30.yaml", "services: {a: {image: x}}");
    assertThat(refusal("i0.yaml")).contains("includes more than 1000 files");
  }

  @Test
  void refusesDoublingVariables() throws Exception {
    StringBuilder env = new StringBuilder("V0=0123456789\n");
    for (int i = 1; i < 60; i++) {
      env.append("V%d=$V%d$V%d\n".formatted(i, i - 1, i - 1));
    }
    write("compose.yaml", "services: {a: {image: x}}");
    write(".env", env.toString());
    assertThat(refusal()).contains("4 MiB");
  }

  @Test
  void refusesWhatIsNoRegularFile() throws Exception {
    Path fifo = dir.resolve("fifo");
    assertThat(new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor()).isZero();
    Files.createDirectory(dir.resolve("folder"));
    Files.createSymbolicLink(dir.resolve("loop"), Path.of("loop"));
    Map<String, String> messages =
        Map.of(
            "fifo", "is a named pipe, device or socket",
            "/dev/zero", "is a named pipe, device or socket",
            "folder", "is a directory",
            "loop", "Too many levels of symbolic links",
            "absent", "no such file or directory");
    for (Map.Entry<String, String> entry : messages.entrySet()) {
      String file = entry.getKey();
      assertThat(refusal(file)).contains(entry.getValue());
      List<String> uses = new ArrayList<>();
      uses.add("include: [%s]");
      uses.add("services: {a: {extends: {file: %s, service: b}}}");
      uses.add("services: {a: {image: x, env_file: %s}}");
      uses.add("services: {a: {image: x, label_file: %s}}");
      for (String use : uses) {
        write("compose.yaml", use.formatted(file));
        String message = file.equals("absent") ? "no" : entry.getValue();
        assertThat(refusal("compose.yaml")).as(use.formatted(file)).contains(message);
      }
    }
  }

  @Test
  void readsTheNullDeviceAsAnEmptyFile() throws Exception {
    write("compose.yaml", "services: {a: {image: x, env_file: /dev/null}}");
    assertThat(refusal()).isEmpty();
    assertThat(refusal("/dev/null")).contains("empty compose file");
  }

  @Test
  void readsUnicodeWithAMarkAndRefusesOtherEncodings() throws Exception {
    String yaml = "services:\n  a:\n    image: x\n    environment: {A: é}\n";
    Path file = dir.resolve("compose.yaml");
    Files.writeString(file, "\uFEFF" + yaml, StandardCharsets.UTF_8);
    assertThat(refusal()).isEmpty();
    Files.writeString(file, "\uFEFF" + yaml, StandardCharsets.UTF_16LE);
    assertThat(refusal()).isEmpty();
    Files.writeString(file, "\uFEFF" + yaml, StandardCharsets.UTF_16BE);
    assertThat(refusal()).isEmpty();
    Files.writeString(file, yaml, StandardCharsets.UTF_16LE);
    assertThat(refusal()).contains("UTF-16 without its mark");
    Files.writeString(file, yaml, StandardCharsets.ISO_8859_1);
    assertThat(refusal())
        .contains("compose.yaml:4:1: ")
        .contains("is not UTF-8: byte 0xE9 at offset 49");
    Files.writeString(file, yaml + "\0");
    assertThat(refusal()).contains("compose.yaml:5:1: ").contains("NUL byte");
    Files.writeString(file, yaml);
    Files.write(dir.resolve(".env"), new byte[] {'A', '=', (byte) 0xff});
    assertThat(refusal()).contains(".env:1:1: ").contains("is not UTF-8");
  }

  @Test
  void refusesFilesThatMayNotBeRead() throws Exception {
    write("compose.yaml", "services: {a: {image: x}}");
    Assumptions.assumeFalse(System.getProperty("user.name").equals("root"), "root may read all");
    Files.setPosixFilePermissions(dir.resolve("compose.yaml"), Set.of());
    assertThat(refusal()).contains("permission denied");
  }
}
