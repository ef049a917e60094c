package io.jcompose.build;

import io.jcompose.build.dockerfile.Dockerfile;
import io.jcompose.build.dockerfile.DockerfileException;
import io.jcompose.build.ignore.IgnoreFile;
import io.jcompose.build.instruction.Instruction;
import io.jcompose.build.instruction.Onbuild;
import io.jcompose.build.lint.Lint;
import io.jcompose.build.lint.LintInput;
import io.jcompose.build.word.WordException;
import io.jcompose.build.word.Words;
import io.jcompose.core.JcomposeException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;

/**
 * Where Jazzer enters with a Dockerfile, or with a .dockerignore and a path in its last line; the
 * system property {@code fuzz.target} says which. {@code scripts/fuzz} runs it. Whatever is thrown
 * but a refusal is a finding, as are two seconds of processor time.
 */
public final class BuildFuzz {
  private static final boolean IGNORE = System.getProperty("fuzz.target", "").equals("ignore");
  private static final long MOST_CPU_NANOS = 2_000_000_000L;

  private BuildFuzz() {}

  /** Jazzer's name for it; what it throws is a finding. */
  public static void fuzzerTestOneInput(byte[] input) {
    long before = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    if (IGNORE) {
      ignore(input);
    } else {
      dockerfile(input);
    }
    long spent = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - before;
    if (spent > MOST_CPU_NANOS) {
      throw new IllegalStateException("took " + spent / 1_000_000 + " ms of processor time");
    }
  }

  static void dockerfile(byte[] input) {
    Dockerfile file;
    try {
      file = Dockerfile.parse(input, "Dockerfile");
    } catch (DockerfileException e) {
      e.toError(new String(input, StandardCharsets.UTF_8).lines().toList());
      return;
    }
    Lint.check(file, LintInput.NONE);
    Words words = new Words(file.directives().escape());
    file.stages().forEach(stage -> stage.instructions().forEach(each -> expand(words, each)));
  }

  private static void expand(Words words, Instruction each) {
    try {
      words.split(each.text(), name -> name.length() > 3 ? null : name);
      words.expandText(each.text(), name -> name + " ");
    } catch (WordException e) {
      // refused
    }
    if (each instanceof Onbuild onbuild && words.escape() == '\\') {
      Dockerfile.parseTrigger(onbuild.trigger(), "trigger");
    }
  }

  static void ignore(byte[] input) {
    String text = new String(input, StandardCharsets.UTF_8);
    int line = text.lastIndexOf('\n');
    String path = text.substring(line + 1);
    IgnoreFile file;
    try {
      file = IgnoreFile.parse(text.substring(0, Math.max(0, line)), ".dockerignore");
    } catch (JcomposeException.InvalidArgument e) {
      return;
    }
    if (!file.excludes(path)) {
      for (int slash = path.indexOf('/', 1); slash > 0; slash = path.indexOf('/', slash + 1)) {
        if (!file.mayContainIncluded(path.substring(0, slash))) {
          throw new IllegalStateException("a walk would not find " + path);
        }
      }
    }
  }
}
