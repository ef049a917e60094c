import static org.junit.platform.engine.discovery.ClassNameFilter.includeClassNamePatterns;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClasspathRoots;
import static org.junit.platform.launcher.TagFilter.excludeTags;

import java.nio.file.Path;
import java.util.Set;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.TestExecutionResult.Status;
import org.junit.platform.engine.support.descriptor.ClassSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/**
 * Runs the …IT classes of a folder, one after the other, and tells of each class, and of what failed or was skipped in it, in one
 * line, as scripts/vm-test wants lines: {@code vm: …}. Those tagged slow are left out. Ends with 1 if a test failed, or there was none.
 */
final class RunTests implements TestExecutionListener {
  private int passed;
  private int failed;
  private int skipped;
  private int allPassed;
  private int allFailed;
  private long begin;

  public static void main(String[] args) {
    var tests = new RunTests();
    var request =
        LauncherDiscoveryRequestBuilder.request()
            .selectors(selectClasspathRoots(Set.of(Path.of(args[0]))))
            .filters(includeClassNamePatterns(".*IT"), excludeTags("slow"))
            .build();
    LauncherFactory.create().execute(request, tests);
    say("%d tests passed, %d failed".formatted(tests.allPassed, tests.allFailed));
    System.exit(tests.allFailed == 0 && tests.allPassed > 0 ? 0 : 1);
  }

  private static void say(String line) {
    System.out.println("vm: " + line);
  }

  private static boolean isClass(TestIdentifier id) {
    return id.getSource().filter(ClassSource.class::isInstance).isPresent();
  }

  @Override
  public void executionStarted(TestIdentifier id) {
    if (isClass(id)) {
      begin = System.nanoTime();
      passed = failed = skipped = 0;
    }
  }

  @Override
  public void executionSkipped(TestIdentifier id, String reason) {
    skipped(id, reason);
  }

  @Override
  public void executionFinished(TestIdentifier id, TestExecutionResult result) {
    String why = result.getThrowable().map(Throwable::toString).orElse("").strip();
    if (result.getStatus() == Status.FAILED) {
      failed++;
      allFailed++;
      say("FAILED " + name(id) + ": " + why.replaceAll("\\s*\n\\s*", " | "));
      result.getThrowable().ifPresent(thrown -> thrown.printStackTrace(System.out));
    } else if (result.getStatus() == Status.ABORTED) {
      skipped(id, why);
    } else if (id.isTest()) {
      passed++;
      allPassed++;
    }
    if (isClass(id)) {
      long seconds = (System.nanoTime() - begin) / 1_000_000_000;
      say("%s: %d passed, %d failed, %d skipped in %d s".formatted(id.getDisplayName(), passed, failed, skipped, seconds));
    }
  }

  private void skipped(TestIdentifier id, String reason) {
    skipped++;
    say("skipped " + name(id) + ": " + reason.replace('\n', ' '));
  }

  /** As class.method, for what is a test; of a parameterized one with its parameters. */
  private static String name(TestIdentifier id) {
    return id.getUniqueIdObject().getSegments().stream()
        .skip(1)
        .map(segment -> segment.getValue().replaceFirst("^io\\.jcompose\\.\\w+\\.", ""))
        .reduce((a, b) -> a + "." + b)
        .orElse(id.getDisplayName());
  }
}
