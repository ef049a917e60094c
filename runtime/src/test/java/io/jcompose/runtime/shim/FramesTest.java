package io.jcompose.runtime.shim;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The types of frames are in the shim's header and in the protocol's description too. */
class FramesTest {
  private static final String HEADER = "src/main/c/shim.h";
  private static final String PROTOCOL = "../docs/developers/shim-protocol.md";

  private static Map<String, Integer> numbers(String file, String form) throws IOException {
    Map<String, Integer> found = new TreeMap<>();
    Matcher m = Pattern.compile(form).matcher(Files.readString(Path.of(file)));
    while (m.find()) {
      found.put(m.group(1), Integer.valueOf(m.group(2)));
    }
    return found;
  }

  /** All constants but those that are no types: limits, versions and an argument. */
  private static Map<String, Integer> types() throws IllegalAccessException {
    Map<String, Integer> all = new TreeMap<>();
    for (Field field : Frames.class.getDeclaredFields()) {
      boolean type = !field.getName().matches("MAX_.*|VERSION_.*|OLDER_.*");
      if (type && field.getType() == int.class && Modifier.isStatic(field.getModifiers())) {
        all.put(field.getName(), field.getInt(null));
      }
    }
    return all;
  }

  @Test
  void theShimHasTheSameTypes() throws Exception {
    assertThat(numbers(HEADER, "\\bF_([A-Z_]+) = (\\d+)")).isEqualTo(types());
    assertThat(types().values()).doesNotHaveDuplicates();
  }

  @Test
  void theProtocolDescribesEachType() throws Exception {
    assertThat(numbers(PROTOCOL, "\\b([A-Z_]{2,}) \\((\\d+)[:,)]")).isEqualTo(types());
  }

  @Test
  void theShimTakesPlansAsLong() throws Exception {
    assertThat(Files.readString(Path.of(HEADER))).contains("#define PLAN_MAX (8 * 1024 * 1024)");
    assertThat(Frames.MAX_PLAN).isEqualTo(8 * 1024 * 1024);
  }
}
