package io.jcompose.api.answer;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.api.request.CommandRequest;
import io.jcompose.core.Progress;
import io.jcompose.core.Progress.Step;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Reports to a client that reads, one that does not, and one that is gone. */
@Timeout(60)
class ProgressLinesTest {
  private final CountDownLatch reads = new CountDownLatch(1);
  private final List<Map<String, Object>> got = new CopyOnWriteArrayList<>();

  private ProgressLines notReading() {
    return new ProgressLines(
        members -> {
          try {
            reads.await();
          } catch (InterruptedException e) {
            throw new IOException(e);
          }
          got.add(members);
        });
  }

  @Test
  void everythingComesInOrder() {
    ProgressLines lines = new ProgressLines(got::add);
    lines.report(Step.of("Container a", "Creating"));
    lines.report(Step.of("Container a", "Created"));
    lines.send(Map.of("exitCode", 0));
    assertThat(got)
        .containsExactly(
            Map.of("id", "Container a", "status", "Creating"),
            Map.of("id", "Container a", "status", "Created"),
            Map.of("exitCode", 0));
  }

  @Test
  void anErrorNamesItsContainerOnce() {
    ProgressLines lines = new ProgressLines(got::add);
    lines.report(Step.of("Container shop-a-1", "Error", "no such program"));
    lines.report(Step.of("Container shop-b-1", "Error", "shop-b-1 is no more"));
    assertThat(lines.naming(error("no such program")))
        .containsEntry("message", "Container shop-a-1: no such program");
    assertThat(lines.naming(error("shop-b-1 is no more")))
        .containsEntry("message", "shop-b-1 is no more");
    assertThat(lines.naming(error("the disk is full")))
        .containsEntry("message", "the disk is full");
  }

  private static Map<String, Object> error(String message) {
    return new HashMap<>(Map.of("message", message));
  }

  @Test
  void aClientThatDoesNotReadHoldsNobodyUpAndCostsLittle() {
    ProgressLines lines = notReading();
    for (int i = 0; i < 200_000; i++) {
      lines.report(new Step("layer " + i % 7, "Image x", "Downloading", "", i + 1, 200_000));
    }
    lines.report(Step.of("Container a", "Error", "why"));
    reads.countDown();
    lines.send(Map.of("exitCode", 1));
    assertThat(got).hasSizeLessThan(2000);
    assertThat(got.get(got.size() - 2)).containsEntry("text", "why");
    assertThat(got.getLast()).containsEntry("exitCode", 1);
    assertThat(got).anyMatch(entry -> Long.valueOf(200_000).equals(entry.get("current")));
  }

  @Test
  void rowsWithoutEndAreBounded() {
    ProgressLines lines = notReading();
    for (int i = 0; i < 100_000; i++) {
      lines.report(Step.of("Container " + i, "Error", "e".repeat(100)));
    }
    reads.countDown();
    lines.flush();
    assertThat(got).hasSizeLessThan(2000);
    assertThat(got.getLast()).containsEntry("id", "Container 99999");
  }

  @Test
  void linesOfABuildAreKeptLongerThanNewsAndBounded() {
    ProgressLines lines = notReading();
    for (int i = 0; i < 5000; i++) {
      lines.report(new Step("[web 1/2] RUN x", "Image web", "Output", "line " + i, 0, 0));
      lines.report(Step.of("Container " + i, "Error", "e"));
    }
    for (int i = 5000; i < 20_000; i++) {
      lines.report(new Step("[web 1/2] RUN x", "Image web", "Output", "line " + i, 0, 0));
    }
    reads.countDown();
    lines.flush();
    assertThat(got.stream().filter(line -> "Output".equals(line.get("status"))))
        .hasSizeBetween(16_384, 16_400);
    assertThat(got.stream().filter(line -> "Error".equals(line.get("status"))))
        .hasSizeLessThan(1100);
    assertThat(got.getLast()).containsEntry("text", "line 19999");
    assertThat(got)
        .filteredOn(line -> String.valueOf(line.get("text")).contains("earlier lines are left out"))
        .hasSize(1);
  }

  @Test
  void quietPullsKeepBuilds() {
    CommandRequest quiet =
        CommandRequest.parse(
            "{\"options\":{\"quiet-pull\":true}}".getBytes(StandardCharsets.UTF_8));
    ProgressLines lines = notReading();
    Progress shown = lines.of(quiet);
    shown.report(Step.of("Image a", "Pulling"));
    shown.report(Step.of("Image b", "Building"));
    shown.report(new Step("[b 1/1] RUN x", "Image b", "Output", "text", 0, 0));
    reads.countDown();
    lines.flush();
    assertThat(got).extracting(line -> line.get("id")).containsExactly("Image b", "[b 1/1] RUN x");
  }

  @Test
  void aClientThatWentAwayIsToldOfOnceAndForgotten() throws InterruptedException {
    ProgressLines lines =
        new ProgressLines(
            members -> {
              throw new IOException("gone");
            });
    AtomicInteger told = new AtomicInteger();
    CountDownLatch first = new CountDownLatch(1);
    lines.only(step -> true).onGone(told::incrementAndGet);
    lines.onGone(first::countDown);
    lines.send(Map.of("exitCode", 0));
    assertThat(first.await(20, TimeUnit.SECONDS)).isTrue();
    lines.gone();
    lines.send(Map.of("exitCode", 0));
    assertThat(told).hasValue(1);
    assertThat(lines.isGone()).isTrue();
    lines.onGone(told::incrementAndGet);
    assertThat(told).hasValue(2);
  }
}
