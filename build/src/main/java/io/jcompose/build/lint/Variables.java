package io.jcompose.build.lint;

import io.jcompose.build.dockerfile.Stage;
import io.jcompose.build.instruction.Instruction;
import io.jcompose.build.instruction.Pair;
import io.jcompose.build.word.WordException;
import io.jcompose.build.word.Words;
import io.jcompose.core.Spelling;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The variables and arguments of a stage as far as it is checked; those of its base are copied. */
final class Variables {
  private static final String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  private final Words words;
  private final Map<String, String> globals;
  private final Map<String, String> args;
  private final Map<String, String> values;
  private final Set<String> declared;
  private final boolean unknown;

  private Variables(
      Globals globals, Map<String, String> args, Map<String, String> values, boolean unknown) {
    this.words = globals.words();
    this.globals = globals.values();
    this.args = args;
    this.values = new HashMap<>(values);
    this.declared = new HashSet<>();
    this.unknown = unknown;
  }

  Variables(Variables base) {
    this.words = base.words;
    this.globals = base.globals;
    this.args = base.args;
    this.values = new HashMap<>(base.values);
    this.declared = new HashSet<>(base.declared);
    this.unknown = base.unknown;
  }

  static Variables of(Stage stage, Globals globals, LintInput input) {
    boolean scratch = stage.from().image().equals("scratch");
    Map<String, String> known = input.baseVariables().get(stage.index());
    Map<String, String> values = known != null ? known : scratch ? Map.of("PATH", PATH) : Map.of();
    return new Variables(globals, input.args(), values, known == null && !scratch);
  }

  /** Whether what the base image defines is not known. */
  boolean areUnknown() {
    return unknown;
  }

  void set(String name, String value) {
    values.put(name, value);
  }

  /** An argument, whose value the build or the arguments before the stages may give. */
  void declare(String name, @Nullable String preset) {
    declared.add(name);
    String given = args.get(name);
    String value = given != null ? given : preset != null ? preset : globals.get(name);
    if (value != null) {
      values.putIfAbsent(name, value);
    }
  }

  Uses uses(Instruction at, Findings findings) {
    return new Uses(at, findings);
  }

  /** The variables that an instruction uses. */
  final class Uses {
    private final Instruction at;
    private final Findings findings;
    private final Set<String> undefined = new LinkedHashSet<>();

    private Uses(Instruction at, Findings findings) {
      this.at = at;
      this.findings = findings;
    }

    /** The word as it becomes; itself when that cannot be said. */
    String expand(String raw) {
      try {
        return words.expand(raw, this::value);
      } catch (WordException e) {
        return raw; // the build says so
      }
    }

    /** Without a word on what is undefined. */
    String expandQuietly(String raw) {
      try {
        return words.expand(raw, values::get);
      } catch (WordException e) {
        return raw;
      }
    }

    void expandNullable(@Nullable String raw) {
      if (raw != null) {
        var _ = expand(raw);
      }
    }

    void expandMount(String field) {
      var _ = expand(field.substring(field.indexOf('=') + 1));
    }

    void pairs(List<Pair> pairs) {
      for (Pair pair : pairs) {
        var _ = expand(pair.key()) + expand(pair.value());
      }
    }

    private @Nullable String value(String name) {
      String value = values.get(name);
      if (value == null && !declared.contains(name)) {
        undefined.add(name);
      }
      return value;
    }

    void report() {
      for (String name : unknown ? Set.<String>of() : undefined) {
        String meant =
            Spelling.closest(name, values.keySet())
                .map(each -> " (did you mean $" + each + "?)")
                .orElse("");
        findings.add(
            Rule.UNDEFINED_VAR, at.place(), "Usage of undefined variable '$" + name + "'" + meant);
      }
    }
  }
}
