package io.jcompose.scheduler.resume;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the ends of engines say of a project that was being brought back. */
class ResumeAttemptsTest {
  private final List<Runnable> later = new ArrayList<>();
  @TempDir Path dir;

  /** An engine that begins to bring the project back and does not live to its end. */
  private void engineThatEnds(boolean atOnce) {
    engine().begin("shop");
    if (!atOnce) {
      later.forEach(Runnable::run);
    }
    later.clear();
  }

  private ResumeAttempts engine() {
    return new ResumeAttempts(dir, later::add);
  }

  @Test
  void twoEnginesThatEndAtOnceAreEnough() {
    engineThatEnds(true);
    assertThat(engine().failed("shop")).isBetween(1, ResumeAttempts.MOST - 1);
    engineThatEnds(true);
    assertThat(engine().failed("shop")).isGreaterThanOrEqualTo(ResumeAttempts.MOST);
  }

  @Test
  void enginesThatEndWhileAProjectOnlyWaitsSayLittleOfIt() {
    engineThatEnds(true);
    engineThatEnds(false);
    engineThatEnds(false);
    assertThat(engine().failed("shop")).isBetween(1, ResumeAttempts.MOST - 1);
  }

  @Test
  void whatEndsTheEngineLateDoesNotDoSoForEver() {
    for (int i = 0; i < ResumeAttempts.MOST; i++) {
      engineThatEnds(false);
    }
    assertThat(engine().failed("shop")).isGreaterThanOrEqualTo(ResumeAttempts.MOST);
  }

  @Test
  void whatHasEndedWeighsNothing() {
    ResumeAttempts attempts = engine();
    attempts.begin("shop");
    attempts.end("shop");
    later.forEach(Runnable::run);
    assertThat(engine().failed("shop")).isZero();
  }

  @Test
  void whatAPersonSawToMeanwhileWeighsNothing() {
    ResumeAttempts attempts = engine();
    attempts.begin("shop");
    attempts.clear("shop");
    later.forEach(Runnable::run);
    assertThat(engine().failed("shop")).isZero();
  }
}
