package io.jcompose.scheduler.execute;

import io.jcompose.compose.Positions;
import io.jcompose.compose.SourcePosition;
import io.jcompose.core.ContainerSpec;
import io.jcompose.core.ContainerView;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Networks.NetworkSpec;
import io.jcompose.core.Networks.NetworkView;
import io.jcompose.core.Progress;
import io.jcompose.scheduler.Labels;
import io.jcompose.scheduler.desired.NamespaceRefs;
import io.jcompose.scheduler.plan.Operation;
import io.jcompose.scheduler.plan.ProjectPlan;
import io.jcompose.scheduler.plan.Removals;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Looks at a plan before its first step, so that one which cannot be carried out changes nothing.
 * Only looks. One object a plan; confined to one thread.
 */
public final class Preflight {
  private static final Pattern FILE = Pattern.compile("(config|secret) ([^ :]+): ");

  private final EnginePorts ports;
  private final ProjectPlan plan;
  private final Positions positions;
  private final Set<String> stopped = new HashSet<>();
  private final Set<String> removed = new HashSet<>();
  private final Set<String> made = new HashSet<>();
  private final List<RuntimeException> problems = new ArrayList<>();

  private Preflight(EnginePorts ports, ProjectPlan plan, Positions positions) {
    this.ports = ports;
    this.plan = plan;
    this.positions = positions;
    for (ProjectPlan.Step step : plan.steps()) {
      if (step.operation() instanceof Operation.StopContainer stop) {
        stopped.add(stop.id());
      } else if (step.operation() instanceof Operation.CreateContainer create) {
        made.add(create.shownName());
      } else if (step.operation() instanceof Operation.RemoveContainer remove) {
        removed.add(remove.id());
      }
    }
  }

  /**
   * Refuses a plan for every reason that can be known by now; reports what the machine cannot give.
   *
   * @param positions of what is wrong in the project's files, as far as there are any
   * @throws JcomposeException of the first problem's kind, telling them all
   */
  public static void check(
      EnginePorts ports, ProjectPlan plan, Positions positions, Progress progress) {
    new Preflight(ports, plan, positions).check(progress);
  }

  /**
   * Refuses what the containers' specifications tell, before images are pulled for them. Names and
   * networks are left to {@link #check}: without the project's turn they may be just about to go.
   * So are containers that are made anew, which a pull may turn out to leave as they are.
   *
   * @param plan with the images that are there already
   */
  public static void checkSpecs(EnginePorts ports, ProjectPlan plan, Positions positions) {
    Preflight preflight = new Preflight(ports, plan, positions);
    for (ProjectPlan.Step step : plan.steps()) {
      if (step.operation() instanceof Operation.CreateContainer create
          && create.recreation().isEmpty()) {
        preflight.spec(create.spec());
      }
    }
    preflight.refuse();
  }

  /**
   * Refuses a one-off container for what its command's options ask for: that has no place in a
   * file.
   *
   * @param plain what the file alone asks for
   * @throws JcomposeException of the first problem's kind, telling them all
   */
  public static void checkOptions(EnginePorts ports, ContainerSpec spec, ContainerSpec plain) {
    Set<String> known =
        ports.containers().problems(plain).stream()
            .map(problem -> String.valueOf(problem.getMessage()))
            .collect(Collectors.toSet());
    List<RuntimeException> own =
        ports.containers().problems(spec).stream()
            .filter(problem -> !known.contains(String.valueOf(problem.getMessage())))
            .map(problem -> StepErrors.about("run", problem))
            .toList();
    if (!own.isEmpty()) {
      throw StepErrors.combine(own);
    }
  }

  private void check(Progress progress) {
    for (ProjectPlan.Step step : plan.steps()) {
      switch (step.operation()) {
        case Operation.CreateContainer create -> container(create, progress);
        case Operation.CreateNetwork create -> network(create.spec(), "");
        case Operation.ReplaceNetwork replace -> {
          network(replace.spec(), replace.former().id());
          users(replace);
        }
        default -> {}
      }
    }
    refuse();
  }

  private void refuse() {
    if (!problems.isEmpty()) {
      throw StepErrors.combine(problems);
    }
  }

  private void spec(ContainerSpec spec) {
    for (JcomposeException problem : ports.containers().problems(spec)) {
      add(source(path(spec), problem), StepErrors.about(service(spec), problem));
    }
  }

  private void container(Operation.CreateContainer create, Progress progress) {
    ContainerSpec spec = create.spec();
    spec(spec);
    owners(spec);
    for (String text : ports.containers().warnings(spec)) {
      progress.report(Progress.Step.of("Container " + spec.name(), "Warning", text));
    }
    holder(create.shownName())
        .ifPresent(
            holder -> {
              String text =
                  "Conflict. The container name \"/"
                      + create.shownName()
                      + "\" is already in use by container \""
                      + holder.id()
                      + "\". You have to remove (or rename) that container to be able to reuse"
                      + " that name.";
              add(path(spec), new JcomposeException.Conflict(text));
            });
  }

  /** The containers whose namespaces it is to share. */
  private void owners(ContainerSpec spec) {
    for (String owner : NamespaceRefs.containers(spec)) {
      if (!made.contains(owner) && ports.containers().find(owner).isEmpty()) {
        add(
            path(spec),
            new JcomposeException.NotFound(
                service(spec)
                    + ": No such container: "
                    + owner
                    + ", whose namespace it is to share (container:"
                    + owner
                    + "); service:NAME names one of this file"));
      }
    }
  }

  /** Who has the name and keeps it. */
  private Optional<ContainerView> holder(String name) {
    return ports
        .containers()
        .find(name)
        .filter(view -> view.name().equals(name) && !removed.contains(view.id()));
  }

  private void network(NetworkSpec spec, String former) {
    for (JcomposeException problem : ports.networks().problems(spec, former)) {
      add(path(spec), StepErrors.about("network " + spec.name(), problem));
    }
  }

  /** A missing file is named at the top of the compose file, where the service only uses it. */
  private String source(String service, JcomposeException problem) {
    Matcher file = FILE.matcher(String.valueOf(problem.getMessage()));
    String path = file.lookingAt() ? file.group(1) + "s." + file.group(2) : "";
    return positions.blamed(path, "") == null ? service : path;
  }

  private static String service(ContainerSpec spec) {
    return "service " + spec.labels().getOrDefault(Labels.SERVICE, spec.name());
  }

  private static String path(ContainerSpec spec) {
    return "services." + spec.labels().getOrDefault(Labels.SERVICE, "");
  }

  private static String path(NetworkSpec spec) {
    return "networks." + spec.labels().getOrDefault(Labels.NETWORK, "");
  }

  /** Puts the place before the message where the element at the path is in a file. */
  private void add(String path, RuntimeException problem) {
    SourcePosition place = positions.blamed(path, String.valueOf(problem.getMessage()));
    problems.add(place == null ? problem : StepErrors.about(place.toString(), problem));
  }

  /** Who is on a network that is made anew must leave it first, and that only its owner can say. */
  private void users(Operation.ReplaceNetwork replace) {
    NetworkView network = replace.former();
    List<String> users =
        ports.containers().list(Map.of()).stream()
            .filter(view -> Removals.lives(view) && !stopped.contains(view.id()))
            .filter(view -> isOn(view, network))
            .map(ContainerView::name)
            .toList();
    if (!users.isEmpty()) {
      add(
          path(replace.spec()),
          new JcomposeException.Conflict(
              "network "
                  + network.name()
                  + " must be made anew, because its configuration changed, but "
                  + String.join(", ", users)
                  + (users.size() == 1 ? " is" : " are")
                  + " on it and not part of this command: stop "
                  + (users.size() == 1 ? "it" : "them")
                  + " first, or give the network another name"));
    }
  }

  private static boolean isOn(ContainerView view, NetworkView network) {
    return view.spec().networking().endpoints().stream()
            .anyMatch(
                endpoint ->
                    endpoint.network().equals(network.name())
                        || endpoint.network().equals(network.id()))
        || view.endpoints().stream()
            .anyMatch(endpoint -> endpoint.networkId().equals(network.id()));
  }
}
