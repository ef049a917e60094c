package io.jcompose.api.request;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.core.ContainerSpec;
import io.jcompose.core.ContainerView;
import io.jcompose.core.Containers;
import io.jcompose.scheduler.Labels;
import io.jcompose.scheduler.Target;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Which commands mean what {@code run} started, too: those of Docker Compose that do. */
class SelectionTest {
  private final List<ContainerView> all =
      List.of(
          container("p-a-1", "False", ContainerView.State.RUNNING),
          container("p-a-2", "False", ContainerView.State.EXITED),
          container("p-a-run-1", "True", ContainerView.State.RUNNING),
          container("p-a-run-2", "True", ContainerView.State.EXITED));
  private final Containers containers =
      (Containers)
          Proxy.newProxyInstance(
              Containers.class.getClassLoader(),
              new Class<?>[] {Containers.class},
              (proxy, method, arguments) ->
                  switch (method.getName()) {
                    case "list" -> all;
                    case "find" -> find(String.valueOf(arguments[0]));
                    default -> throw new UnsupportedOperationException(method.getName());
                  });
  private final Selection project = new Selection(Target.of("p", List.of()), List.of());
  private final Selection job = new Selection(null, List.of("p-a-run-2"));
  private final Selection mixed = new Selection(Target.of("p", List.of("a")), List.of("p-a-run-2"));

  @Test
  void aListWithoutAllHasServicesOnly() {
    assertThat(names(project.views(containers, false))).containsExactly("p-a-1");
    assertThat(names(project.active(containers))).containsExactly("p-a-1");
    assertThat(project.views(containers, true)).isEqualTo(all);
  }

  @Test
  void whatRunsIsAllThatRuns() {
    assertThat(names(project.running(containers))).containsExactly("p-a-1", "p-a-run-1");
    assertThat(job.running(containers)).isEmpty();
  }

  @Test
  void whatIsOfServicesIsNothingThatRunStartedUnlessItIsNamed() {
    assertThat(names(project.ofServices(containers))).containsExactly("p-a-1", "p-a-2");
    assertThat(names(job.ofServices(containers))).containsExactly("p-a-run-2");
    assertThat(names(mixed.ofServices(containers))).containsExactly("p-a-1", "p-a-2", "p-a-run-2");
  }

  private Optional<ContainerView> find(String name) {
    return all.stream().filter(view -> view.name().equals(name)).findFirst();
  }

  private static List<String> names(List<ContainerView> views) {
    return views.stream().map(ContainerView::name).toList();
  }

  private static ContainerView container(String name, String oneOff, ContainerView.State state) {
    Map<String, String> labels =
        Map.of(Labels.PROJECT, "p", Labels.SERVICE, "a", Labels.ONEOFF, oneOff);
    return new ContainerView(
        name.repeat(8),
        ContainerSpec.of(name, "busybox").withLabels(labels),
        "sha256:" + "b".repeat(64),
        state,
        0,
        0,
        false,
        "",
        Instant.EPOCH,
        null,
        null,
        0,
        false,
        ContainerView.HealthStatus.NONE,
        List.of(),
        List.of(),
        List.of(),
        Map.of(),
        Duration.ZERO);
  }
}
