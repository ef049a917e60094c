package io.jcompose.api.docker;

import io.jcompose.api.ApiPorts;
import io.jcompose.api.docker.call.Call;
import io.jcompose.api.docker.call.QueryFilters;
import io.jcompose.api.docker.call.Refusal;
import io.jcompose.api.docker.call.Routes;
import io.jcompose.api.docker.create.Given;
import io.jcompose.api.docker.model.VolumeCreateRequest;
import io.jcompose.api.docker.model.VolumeList;
import io.jcompose.api.host.VolumeCommands;
import io.jcompose.api.request.NamedFilters;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Volumes;
import io.jcompose.core.Volumes.VolumeSpec;
import io.jcompose.core.Volumes.VolumeView;
import java.io.IOException;
import java.util.Map;
import java.util.Set;

/** {@code /volumes}: lists and shows volumes. */
final class VolumeRoutes {
  private static final Set<String> KNOWN = Set.of("dangling", "driver", "label", "label!", "name");

  private final Volumes volumes;
  private final VolumeCommands commands;

  VolumeRoutes(ApiPorts ports) {
    this.volumes = ports.volumes();
    this.commands = new VolumeCommands(ports.containers(), volumes);
  }

  void addTo(Routes routes) {
    routes.get("/volumes", this::list);
    routes.post("/volumes/create", this::create);
    routes.delete("/volumes/{name}", this::remove);
    routes.get(
        "/volumes/{name}", call -> call.json(VolumeCommands.object(find(call.name("name")))));
  }

  private void list(Call call) throws IOException {
    NamedFilters filters = call.filters(KNOWN);
    Set<String> used = commands.used();
    call.json(
        new VolumeList(
            volumes.list(Map.of()).stream()
                .filter(volume -> filters.contains("name", volume.name()))
                .filter(volume -> filters.is("driver", "local"))
                .filter(volume -> filters.labels(volume.spec().labels()))
                .filter(
                    volume ->
                        QueryFilters.isTruth(filters, "dangling", !used.contains(volume.name())))
                .map(VolumeCommands::object)
                .toList(),
            null));
  }

  private void create(Call call) throws IOException {
    VolumeCreateRequest asked = call.body(VolumeCreateRequest.class);
    String driver = Given.text(asked.driver());
    String name = Given.text(asked.name());
    if (!driver.isEmpty() && !driver.equals("local")) {
      throw new Refusal(
          404,
          "create "
              + name
              + ": error looking up volume plugin "
              + driver
              + ": plugin "
              + Refusal.shown(driver)
              + " not found");
    }
    VolumeView made =
        volumes.create(
            new VolumeSpec(
                name, "local", Given.pairs(asked.driverOpts()), Given.pairs(asked.labels())));
    call.json(201, VolumeCommands.object(made));
  }

  private void remove(Call call) throws IOException {
    String name = call.name("name");
    if (!call.is("force")) {
      find(name);
    }
    volumes.remove(name);
    call.done(204);
  }

  private VolumeView find(String name) {
    return volumes
        .find(name)
        .orElseThrow(() -> new JcomposeException.NotFound("get " + name + ": no such volume"));
  }
}
