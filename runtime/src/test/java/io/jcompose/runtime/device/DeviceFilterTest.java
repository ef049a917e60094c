package io.jcompose.runtime.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.JcomposeException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Runs the filters in a small interpreter of eBPF. */
class DeviceFilterTest {
  private static boolean allows(
      List<DeviceRule> rules, char type, int major, int minor, int access) {
    ByteBuffer code = ByteBuffer.wrap(DeviceFilter.compile(rules)).order(ByteOrder.nativeOrder());
    int[] context = {access << 16 | (type == 'b' ? 1 : 2), major, minor};
    long[] registers = new long[11];
    for (int at = 0; ; at++) {
      int op = code.get(at * 8) & 0xff;
      int target = code.get(at * 8 + 1) & 0xf;
      int source = code.get(at * 8 + 1) >> 4 & 0xf;
      int offset = code.getShort(at * 8 + 2);
      int number = code.getInt(at * 8 + 4);
      switch (op) {
        case 0x61 -> {
          assertThat(source).as("the context's register").isEqualTo(1);
          registers[target] = Integer.toUnsignedLong(context[offset / 4]);
        }
        case 0xbf -> registers[target] = registers[source];
        case 0xb7 -> registers[target] = number;
        case 0x57 -> registers[target] &= number;
        case 0x77 -> registers[target] >>>= number;
        case 0x55 -> at += registers[target] != number ? offset : 0;
        case 0x95 -> {
          return registers[0] != 0;
        }
        default -> throw new AssertionError("op " + op);
      }
    }
  }

  private static boolean allows(List<DeviceRule> rules, String asked) {
    DeviceRule r = DeviceRule.parse(asked);
    return allows(rules, r.type(), r.major(), r.minor(), r.access());
  }

  @Test
  void allowsDockersStandardDevices() {
    for (String asked :
        List.of("c 1:3 rw", "c 1:9 r", "c 5:0 w", "c 136:7 rwm", "c 10:200 rw", "b 8:0 m")) {
      assertThat(allows(DeviceRule.STANDARD, asked)).as(asked).isTrue();
    }
    for (String asked :
        List.of("c 1:1 r", "b 1:3 r", "b 8:0 r", "c 10:229 w", "c 1:11 r", "b 8:0 rm")) {
      assertThat(allows(DeviceRule.STANDARD, asked)).as(asked).isFalse();
    }
  }

  @Test
  void givesNoMoreThanARuleDoes() {
    List<DeviceRule> rules =
        List.of(
            DeviceRule.parse("c 7:* r"),
            DeviceRule.parse("b *:3 w"),
            DeviceRule.parse("c 9:9 r"),
            DeviceRule.parse("c 9:9 w"));
    assertThat(allows(rules, "c 7:1 r")).isTrue();
    assertThat(allows(rules, "c 7:1 rw")).isFalse();
    assertThat(allows(rules, "c 7:1 m")).isFalse();
    assertThat(allows(rules, "b 200:3 w")).isTrue();
    assertThat(allows(rules, "b 200:4 w")).isFalse();
    assertThat(allows(rules, "c 9:9 rw")).as("rules of one device add up").isTrue();
    assertThat(allows(DeviceRule.EVERYTHING, "b 259:1048575 rwm")).isTrue();
    assertThat(allows(List.of(), "c 1:3 r")).isFalse();
  }

  @Test
  void agreesWithTheRulesThemselves() {
    List<String> texts =
        List.of("c 1:3 rw", "c *:2 r", "b 4:* rwm", "a 3:3 w", "c 1:3 m", "b 4:1 r");
    List<DeviceRule> rules = texts.stream().map(DeviceRule::parse).toList();
    List<DeviceRule> merged = DeviceRule.merge(rules);
    List<String> differing = new ArrayList<>();
    for (char type : new char[] {'b', 'c'}) {
      for (int major = 0; major < 6; major++) {
        for (int minor = 0; minor < 6; minor++) {
          for (int access = 1; access < 8; access++) {
            boolean expected = matches(merged, type, major, minor, access);
            if (allows(rules, type, major, minor, access) != expected) {
              differing.add(type + " " + major + ":" + minor + " " + access);
            }
          }
        }
      }
    }
    assertThat(differing).isEmpty();
  }

  private static boolean matches(
      List<DeviceRule> rules, char type, int major, int minor, int access) {
    return rules.stream()
        .anyMatch(
            r ->
                (r.type() == 'a' || r.type() == type)
                    && (r.major() < 0 || r.major() == major)
                    && (r.minor() < 0 || r.minor() == minor)
                    && (access & ~r.access()) == 0);
  }

  @Test
  void readsAndWritesRulesAsDocker() {
    for (String text : List.of("c 1:3 rwm", "b *:* m", "a 1:* rw")) {
      assertThat(DeviceRule.parse(text)).hasToString(text);
    }
    assertThat(DeviceRule.EVERYTHING.getFirst()).hasToString("a");
    for (String text : List.of("", "d 1:3 r", "c 1:3", "c 1 r", "c 1:3 x", "c 1:3 rwmr")) {
      assertThatThrownBy(() -> DeviceRule.parse(text))
          .isInstanceOf(JcomposeException.InvalidArgument.class);
    }
  }
}
