package io.jcompose.scheduler.desired;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.compose.model.Dependency;
import io.jcompose.core.JcomposeException;
import io.jcompose.scheduler.execute.Executor;
import io.jcompose.scheduler.plan.Operation;
import io.jcompose.scheduler.plan.ProjectPlan;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** The order of services, however long their chains are. */
class ServiceGraphTest {
  private static final int LONG = 100_000;

  /**
   * @param depends {@code a: b c}, an entry each
   */
  private static ServiceGraph graph(String... depends) {
    Map<String, Map<String, Dependency>> edges = new LinkedHashMap<>();
    for (String entry : depends) {
      String[] sides = entry.split(":", -1);
      edges.put(sides[0], ServiceGraph.parse(sides[1].strip().replace(' ', ',')));
    }
    return new ServiceGraph(edges);
  }

  @Test
  void eachComesAfterWhatItDependsOn() {
    assertThat(graph("web: api db", "api: db cache", "cache:", "db:", "other: gone").order())
        .containsExactly("db", "cache", "api", "web", "other");
  }

  @Test
  void aCycleIsToldAsItIs() {
    assertThatThrownBy(() -> graph("a: b", "b: c", "c: b").order())
        .isInstanceOf(JcomposeException.InvalidArgument.class)
        .hasMessage("dependency cycle detected: a -> b -> c -> b");
  }

  @Test
  void aChainMayBeAsLongAsTheFile() {
    Map<String, Map<String, Dependency>> edges = new LinkedHashMap<>();
    for (int i = 0; i < LONG; i++) {
      edges.put("s" + i, ServiceGraph.parse(i + 1 < LONG ? "s" + (i + 1) : ""));
    }
    List<String> order = new ServiceGraph(edges).order();
    assertThat(order).hasSize(LONG).startsWith("s" + (LONG - 1)).endsWith("s0");
  }

  /** Each that is kept makes two ready, the first of which goes on. */
  @Test
  void stepsThatTakeNoTimeMayFollowEachOtherWithoutEnd() {
    ProjectPlan.Builder plan = new ProjectPlan.Builder();
    int last = plan.add(new Operation.KeepContainer("first", ""), List.of(), "");
    for (int i = 0; i < LONG; i++) {
      int next = plan.add(new Operation.KeepContainer("k" + i, ""), List.of(last), "");
      plan.add(new Operation.KeepContainer("leaf" + i, ""), List.of(last), "");
      last = next;
    }
    AtomicInteger done = new AtomicInteger();
    Executor.run(plan.build(), operation -> done.incrementAndGet());
    assertThat(done).hasValue(2 * LONG + 1);
  }
}
