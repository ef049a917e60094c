package io.jcompose.runtime.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The numbers of a plan are in the shim's header and in the protocol's description too. */
class OpTest {
  private static final Path HEADER = Path.of("src/main/c/shim.h");
  private static final Path PROTOCOL = Path.of("../docs/developers/shim-protocol.md");

  private static Map<String, Integer> numbers(String text, String form, int name, int number) {
    Map<String, Integer> found = new TreeMap<>();
    Matcher m = Pattern.compile(form).matcher(text);
    while (m.find()) {
      assertThat(found.put(m.group(name), Integer.decode(m.group(number))))
          .as(m.group(name) + " twice")
          .isNull();
    }
    return found;
  }

  private static Map<String, Integer> operations() {
    Map<String, Integer> all = new TreeMap<>();
    for (Op op : Op.values()) {
      all.put(op.name(), op.code);
    }
    return all;
  }

  @Test
  void theShimHasTheSameNumbersOfOperations() throws IOException {
    String header = Files.readString(HEADER);
    assertThat(numbers(header, "\\bOP_([A-Z_]+) = (\\d+)", 1, 2)).isEqualTo(operations());
    assertThat(operations().values()).doesNotHaveDuplicates();
  }

  @Test
  void theProtocolsTableHasEachOperation() throws IOException {
    StringBuilder cells = new StringBuilder();
    for (String line : Files.readAllLines(PROTOCOL)) {
      if (line.matches("\\| \\d+ [A-Z].*")) {
        cells.append(line.split("\\|", -1)[1]).append('\n');
      }
    }
    assertThat(numbers(cells.toString(), "(\\d+) ([A-Z_]+)", 2, 1)).isEqualTo(operations());
  }

  @Test
  void theShimHasTheSameFlags() throws IOException {
    Map<String, Integer> own = new TreeMap<>();
    own.put("TASK_TTY", StepEncoder.TASK_TTY);
    own.put("TASK_STDIN", StepEncoder.TASK_STDIN);
    own.put("TASK_KILL_REST", StepEncoder.TASK_KILL_REST);
    own.put("EXEC_WHOLE", StepEncoder.EXEC_WHOLE);
    own.put("OWN_IN", Calls.IN);
    own.put("OWN_OUT", Calls.OUT);
    own.put("OWN_ERR", Calls.ERR);
    own.put("OWN_TASK", Calls.TASK);
    String flags = "\\b((?:TASK|EXEC|OWN)_[A-Z_]+) = (\\d+)";
    assertThat(numbers(Files.readString(HEADER), flags, 1, 2)).isEqualTo(own);
  }

  /** The shim's memory and registers are as large as plans need. */
  @Test
  void theShimHasRoomForEachRegister() throws IOException {
    assertThat(Files.readString(Path.of("src/main/c/plan.c")))
        .contains("#define REGISTERS " + (Calls.SOURCES + Calls.MOST_SOURCES) + " ");
  }

  /** Those of the kernel's tables that the filter of calls has too. */
  @Test
  void callsHaveTheKernelsNumbers() throws IOException {
    Map<String, String> lines = new TreeMap<>();
    Path table = Path.of("src/main/resources/io/jcompose/runtime/security/syscalls.txt");
    for (String line : Files.readAllLines(table)) {
      lines.put(line.split(" ")[0], line);
    }
    for (Syscall call : Syscall.values()) {
      String[] numbers = lines.get(call.toString()).split(" ");
      assertThat(new int[] {call.onX86, call.onArm})
          .as(call.toString())
          .containsExactly(Integer.parseInt(numbers[1]), Integer.parseInt(numbers[3]));
    }
  }

  @Test
  void theShimTakesPlansOfThisVersion() throws IOException {
    assertThat(Files.readString(HEADER))
        .contains("#define PLAN_MAGIC 0x%xu ".formatted(PlanImage.MAGIC))
        .contains("#define PLAN_VERSION %d\n".formatted(PlanImage.VERSION));
  }
}
