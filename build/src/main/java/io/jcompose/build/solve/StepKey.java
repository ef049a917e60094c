package io.jcompose.build.solve;

import io.jcompose.build.cause.Input;
import io.jcompose.build.cause.StepInputs;
import io.jcompose.build.context.FileList;
import io.jcompose.build.instruction.Instruction;
import io.jcompose.images.BuildLayer;
import io.jcompose.linux.library.NativeSha256;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The key that a step's result is found by again: a digest of all that decides it, each under a
 * name by which people are told of it. What lies below counts by its content, so that another base
 * with the same files gives the same key. Confined to one thread.
 */
final class StepKey {
  private static final String VERSION = "jcompose step 3";
  private static final int SHOWN = 100;
  private static final int SHORT = 16; // hexadecimal digits

  private final MessageDigest hash = NativeSha256.create();
  private final String keyword;
  private final String instruction;
  private final String below;
  private final List<Input> inputs = new ArrayList<>();
  private final Set<String> names = new HashSet<>();

  StepKey(Instruction instruction, List<BuildLayer> below) {
    this(instruction.keyword(), instruction.text(), below);
  }

  StepKey(String keyword, String instruction, List<BuildLayer> below) {
    this.keyword = keyword;
    this.instruction = instruction;
    byte[] layers = digest(below.stream().map(layer -> layer.diffId().toString()).toList());
    this.below = HexFormat.of().formatHex(layers).substring(0, SHORT);
    hash.update(digest(List.of(VERSION, keyword)));
    hash.update(layers);
  }

  /** A value that may be shown; null is another thing than any text. */
  StepKey add(String name, @Nullable String value) {
    boolean isShort =
        value != null
            && value.length() <= SHOWN
            && value.chars().noneMatch(Character::isISOControl);
    return put(name, value == null ? List.of() : List.of(value), isShort ? value : null, null);
  }

  /** Values that are compared, and not shown. */
  StepKey hidden(String name, List<String> values) {
    return put(name, values, null, null);
  }

  /** The same of members, in any order. */
  StepKey hidden(String name, Map<String, ?> members) {
    return hidden(
        name,
        members.entrySet().stream()
            .map(entry -> entry.getKey() + "=" + entry.getValue())
            .sorted()
            .toList());
  }

  /**
   * Files.
   *
   * @param values what they are; the list is only for telling which ones changed
   */
  StepKey files(String name, List<String> values, FileList list) {
    return put(name, values, null, list);
  }

  private StepKey put(
      String name, List<String> values, @Nullable String shown, @Nullable FileList files) {
    byte[] digest = digest(values);
    hash.update(digest(List.of(name)));
    hash.update(digest);
    inputs.add(
        new Input(
            unique(name),
            HexFormat.of().formatHex(digest).substring(0, SHORT),
            shown,
            files == null ? Map.of() : files.entries(),
            files != null && files.isOfFolders()));
    return this;
  }

  private String unique(String name) {
    String one = name;
    for (int n = 2; !names.add(one); n++) {
      one = name + " (" + n + ")";
    }
    return one;
  }

  private static byte[] digest(List<String> values) {
    MessageDigest own = NativeSha256.create();
    own.update(number(values.size()));
    for (String value : values) {
      byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
      own.update(number(bytes.length));
      own.update(bytes);
    }
    return own.digest();
  }

  private static byte[] number(int number) {
    return ByteBuffer.allocate(4).putInt(number).array();
  }

  /** The key; once, after all of it was added. */
  String text() {
    return HexFormat.of().formatHex(hash.digest());
  }

  /** All that it is made of, of a step that has not ended. */
  StepInputs inputs() {
    return new StepInputs(keyword, instruction, below, inputs, false);
  }
}
