package io.jcompose.scheduler.plan;

import io.jcompose.compose.model.Dependency.Condition;
import io.jcompose.core.ContainerSpec;
import io.jcompose.core.ContainerSpec.MountSpec;
import io.jcompose.core.Networks.NetworkSpec;
import io.jcompose.core.Networks.NetworkView;
import io.jcompose.core.Volumes.VolumeSpec;
import io.jcompose.core.build.BuildSpec;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** One step of a {@link ProjectPlan}, with all that it takes to carry it out. */
public sealed interface Operation {
  /** One line for people. */
  String text();

  /** What else of it decides what is done, in a few words, for tests; empty when nothing does. */
  default String detail() {
    return "";
  }

  private static String words(String... words) {
    return Stream.of(words).filter(word -> !word.isEmpty()).collect(Collectors.joining(", "));
  }

  private static String when(boolean is, String word) {
    return is ? word : "";
  }

  /**
   * @param platform empty is the host's
   */
  record PullImage(String reference, String platform) implements Operation {
    @Override
    public String text() {
      return "pull image " + reference;
    }

    @Override
    public String detail() {
      return platform;
    }
  }

  /** Builds images, as one piece of work. */
  record BuildImages(List<BuildSpec> specs) implements Operation {
    public BuildImages {
      specs = List.copyOf(specs);
    }

    @Override
    public String text() {
      return specs.stream()
          .map(spec -> spec.tags().isEmpty() ? spec.name() : spec.tags().getFirst())
          .collect(Collectors.joining(", ", "build image ", ""));
    }
  }

  record CreateNetwork(NetworkSpec spec) implements Operation {
    @Override
    public String text() {
      return "create network " + spec.name();
    }
  }

  /**
   * Makes a network anew under the same name; the former one comes back when that fails.
   *
   * @param former as it is, with nobody on it any more
   */
  record ReplaceNetwork(NetworkView former, NetworkSpec spec) implements Operation {
    @Override
    public String text() {
      return "replace network " + spec.name();
    }
  }

  /** Removes a network; one that others still use is left, with a warning. */
  record RemoveNetwork(String name, String id) implements Operation {
    @Override
    public String text() {
      return "remove network " + name;
    }
  }

  record CreateVolume(VolumeSpec spec) implements Operation {
    @Override
    public String text() {
      return "create volume " + spec.name();
    }
  }

  record RemoveVolume(String name) implements Operation {
    @Override
    public String text() {
      return "remove volume " + name;
    }
  }

  record RemoveImage(String reference) implements Operation {
    @Override
    public String text() {
      return "remove image " + reference;
    }
  }

  /** Does nothing: the steps after it must not begin before all those before it have succeeded. */
  record AllMade() implements Operation {
    @Override
    public String text() {
      return "all is made";
    }
  }

  /**
   * Makes a container.
   *
   * @param spec complete but for modes {@code service:x}, which become {@code container:ID}
   * @param shownName the name it will have in the end
   * @param recreation why it takes the place of another; empty when it does not
   * @param predecessor id of the one that has its name until then; empty when nobody has
   */
  record CreateContainer(
      ContainerSpec spec, String shownName, String recreation, String predecessor)
      implements Operation {
    @Override
    public String text() {
      return "create container " + spec.name();
    }

    @Override
    public String detail() {
      Stream<String> inherited =
          spec.mounts().stream()
              .filter(mount -> mount instanceof MountSpec.Volume volume && volume.inherited())
              .map(mount -> "inherits " + mount.target());
      return words(
          when(!shownName.equals(spec.name()), "for " + shownName),
          recreation,
          inherited.collect(Collectors.joining(", ")));
    }
  }

  /**
   * Starts a container.
   *
   * @param ref its id when it exists, the name that it has in the end when the plan makes it
   * @param again it is a restart
   */
  record StartContainer(String name, String ref, boolean again) implements Operation {
    @Override
    public String text() {
      return "start container " + name;
    }

    @Override
    public String detail() {
      return when(again, "again");
    }
  }

  /**
   * Changes what a container may use and what follows its end, without ending it.
   *
   * @param spec the desired one; only limits, restart policy and labels are taken from it
   */
  record UpdateContainer(String name, String id, ContainerSpec spec) implements Operation {
    @Override
    public String text() {
      return "update container " + name;
    }
  }

  /** Says that a container is as it should be. */
  record KeepContainer(String name, String id) implements Operation {
    @Override
    public String text() {
      return "keep container " + name;
    }
  }

  /**
   * Stops a container.
   *
   * @param manual a person asked for it
   * @param quiet the plan starts or replaces it: no end is reported
   * @param again the plan starts it again: it is reported as restarting from here on
   */
  record StopContainer(
      String name,
      String id,
      @Nullable Duration timeout,
      boolean manual,
      boolean quiet,
      boolean again)
      implements Operation {
    @Override
    public String text() {
      return "stop container " + name;
    }

    @Override
    public String detail() {
      return words(
          timeout == null ? "" : "in " + timeout.toSeconds() + " s",
          when(manual, "manual"),
          when(quiet, "quiet"));
    }
  }

  record RemoveContainer(String name, String id, boolean volumes, boolean quiet)
      implements Operation {
    @Override
    public String text() {
      return "remove container " + name;
    }

    @Override
    public String detail() {
      return words(when(volumes, "volumes too"), when(quiet, "quiet"));
    }
  }

  /**
   * Renames a container.
   *
   * @param id empty when the plan makes it
   */
  record RenameContainer(String from, String to, String id) implements Operation {
    @Override
    public String text() {
      return "rename container " + from + " to " + to;
    }
  }

  record KillContainer(String name, String id, String signal) implements Operation {
    @Override
    public String text() {
      return "kill container " + name + " by " + signal;
    }
  }

  record PauseContainer(String name, String id, boolean pause) implements Operation {
    @Override
    public String text() {
      return (pause ? "pause container " : "unpause container ") + name;
    }
  }

  /**
   * Waits until containers have reached a condition.
   *
   * @param refs their ids, or names where the plan makes them
   * @param required false turns a failure into a warning
   */
  record AwaitCondition(String service, List<String> refs, Condition condition, boolean required)
      implements Operation {
    public AwaitCondition {
      refs = List.copyOf(refs);
    }

    @Override
    public String text() {
      return "await "
          + condition.word()
          + " of "
          + String.join(", ", refs)
          + (required ? "" : " (not required)");
    }
  }

  /**
   * Waits until containers run, and are healthy where they have a health check ({@code --wait}).
   */
  record AwaitRunning(String service, List<String> refs) implements Operation {
    public AwaitRunning {
      refs = List.copyOf(refs);
    }

    @Override
    public String text() {
      return "await running or healthy of " + String.join(", ", refs);
    }
  }
}
