package io.jcompose.engine.launch;

import io.jcompose.core.ContainerSpec;
import io.jcompose.core.JcomposeException;
import io.jcompose.engine.record.Container;
import io.jcompose.engine.record.Container.Run;
import io.jcompose.runtime.HeldProcess;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The first processes of the containers whose namespaces a container joins, held while it starts: a
 * number would be another process's, of the host maybe, once the container that had it has ended.
 * Owned by the thread of the start.
 */
final class JoinedProcesses implements AutoCloseable {
  /** Namespaces that modes may name of another container. */
  enum Kind {
    NETWORK,
    PID,
    IPC,
    UTS;

    private String modeIn(ContainerSpec spec) {
      return switch (this) {
        case NETWORK -> spec.networking().mode();
        case PID -> spec.security().pidMode();
        case IPC -> spec.security().ipcMode();
        case UTS -> spec.security().utsMode();
      };
    }

    private JcomposeException noneRuns(String name) {
      return new JcomposeException.Conflict(
          "cannot join "
              + name().toLowerCase(Locale.ROOT)
              + " namespace of a non running container: "
              + name);
    }
  }

  private record Other(String name, HeldProcess process) {}

  private final Map<Kind, Other> others = new EnumMap<>(Kind.class);

  private JoinedProcesses() {}

  /**
   * Those that a container's modes name.
   *
   * @throws JcomposeException.Conflict when one does not run
   */
  static JoinedProcesses hold(JoinedContainers containers, ContainerSpec spec) {
    JoinedProcesses held = new JoinedProcesses();
    try {
      for (Kind kind : Kind.values()) {
        String mode = kind.modeIn(spec);
        if (JoinedContainers.isNamed(mode)) {
          held.others.put(kind, other(kind, containers.container(mode)));
        }
      }
      return held;
    } catch (RuntimeException e) {
      held.close();
      throw e;
    }
  }

  private static Other other(Kind kind, Container container) {
    String name = container.view().name();
    return Optional.ofNullable(container.run())
        .map(Run::task)
        .flatMap(task -> task.process())
        .map(process -> new Other(name, process))
        .orElseThrow(() -> kind.noneRuns(name));
  }

  /** Null where the container has the namespace of no other one. Stays this object's. */
  @Nullable HeldProcess of(Kind kind) {
    Other other = others.get(kind);
    return other == null ? null : other.process;
  }

  /** Why a start failed: for want of what has ended since it was found, if anything has. */
  RuntimeException explained(RuntimeException failure) {
    for (Map.Entry<Kind, Other> each : others.entrySet()) {
      if (!each.getValue().process.isAlive()) {
        RuntimeException why = each.getKey().noneRuns(each.getValue().name);
        why.addSuppressed(failure);
        return why;
      }
    }
    return failure;
  }

  @Override
  public void close() {
    others.values().forEach(other -> other.process.close());
  }
}
