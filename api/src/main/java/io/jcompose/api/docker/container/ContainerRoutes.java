package io.jcompose.api.docker.container;

import io.jcompose.api.ApiPorts;
import io.jcompose.api.docker.call.Call;
import io.jcompose.api.docker.call.Routes;
import io.jcompose.api.inspect.ContainerJson;
import io.jcompose.core.ContainerView;
import io.jcompose.core.Containers;
import io.jcompose.core.JcomposeException;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** {@code /containers}: lists them and shows one. */
public final class ContainerRoutes {
  private final Containers containers;
  private final ContainerSummaries summaries;
  private final ContainerJson json;
  private final Function<String, List<String>> execs;

  /**
   * @param execs gives the ids of a container's programs that clients can ask for
   */
  public ContainerRoutes(
      ApiPorts ports, ContainerSummaries summaries, Function<String, List<String>> execs) {
    this.execs = execs;
    this.containers = ports.containers();
    this.summaries = summaries;
    this.json = new ContainerJson(ports);
  }

  public void addTo(Routes routes) {
    routes.get("/containers/json", this::list);
    routes.get("/containers/{id}/json", this::inspect);
  }

  private void list(Call call) throws IOException {
    call.json(summaries.list(ContainerFilters.parse(call), call.is("size")));
  }

  private void inspect(Call call) throws IOException {
    ContainerView view = find(containers, call.name("id"));
    Map<String, Object> object = json.object(view, call.is("size"));
    List<String> programs = execs.apply(view.id());
    object.put("ExecIDs", programs.isEmpty() ? null : programs);
    call.json(object);
  }

  /**
   * The container of an id, a unique part of one, or a name.
   *
   * @throws JcomposeException.NotFound {@code No such container: x}
   */
  public static ContainerView find(Containers containers, String ref) {
    String name = ref.startsWith("/") ? ref.substring(1) : ref;
    return containers
        .find(name)
        .orElseThrow(() -> new JcomposeException.NotFound("No such container: " + ref));
  }
}
