package io.jcompose.api.host;

import io.jcompose.api.ApiPorts;
import io.jcompose.api.http.Exchange;
import io.jcompose.api.request.CommandRequest;
import io.jcompose.api.request.ProjectSource;
import io.jcompose.core.Containers;
import io.jcompose.core.Images;
import io.jcompose.core.Volumes;
import java.io.IOException;
import java.time.Clock;
import java.util.Optional;

/** The endpoints for what the whole host has, whatever project it is of. */
public final class HostEndpoints {
  private static final String PRUNE = "/prune";
  private static final String CANDIDATES = "/prune/candidates";

  private final VolumeCommands volumes;
  private final NetworkCommands networks;
  private final ImageCommands images;
  private final ImageArchives archives;
  private final SearchCommand search;
  private final Pruning pruning;
  private final DiskUseCommand diskUse;
  private final BuildCache buildCache;
  private final RegistryCommands registry;

  public HostEndpoints(ApiPorts ports, Pruning pruning, ProjectSource source, Clock clock) {
    Containers containers = ports.containers();
    Images images = ports.images();
    Volumes volumes = ports.volumes();
    this.volumes = new VolumeCommands(containers, volumes);
    this.networks =
        new NetworkCommands(
            containers, ports.networks(), request -> source.name(request, request.arguments()));
    this.images = new ImageCommands(containers, images, clock);
    this.archives = new ImageArchives(images);
    this.search = new SearchCommand(images);
    this.pruning = pruning;
    this.diskUse = new DiskUseCommand(ports, clock);
    this.buildCache = new BuildCache(ports.builds(), clock);
    this.registry = new RegistryCommands(ports.registry(), clock);
  }

  /** Answers an endpoint of these; false for any other name. */
  public boolean answer(String name, Exchange exchange, CommandRequest request) throws IOException {
    if (archives.answer(name, exchange, request)) {
      return true;
    }
    Optional<String> text = text(name, request);
    if (text.isPresent()) {
      exchange.respond(200, "text/plain; charset=utf-8", text.get());
    }
    return text.isPresent();
  }

  private Optional<String> text(String name, CommandRequest request) {
    if (name.endsWith(CANDIDATES)) {
      String kind = name.substring(0, name.length() - CANDIDATES.length());
      return Optional.of(pruning.candidates(kind, request));
    }
    if (name.endsWith(PRUNE)) {
      return Optional.of(pruning.prune(name.substring(0, name.length() - PRUNE.length()), request));
    }
    if (name.startsWith(RegistryCommands.PREFIX)) {
      return registry.text(name.substring(RegistryCommands.PREFIX.length()), request);
    }
    return Optional.ofNullable(
        switch (name) {
          case "volume/create" -> volumes.create(request);
          case "volume/ls" -> volumes.list(request);
          case "volume/inspect" -> volumes.inspect(request);
          case "volume/rm" -> volumes.remove(request);
          case "network/create" -> networks.create(request);
          case "network/ls", "networks" -> networks.list(request, name.equals("networks"));
          case "network/inspect" -> networks.inspect(request);
          case "network/rm" -> networks.remove(request);
          case "image/ls" -> images.list(request);
          case "image/inspect" -> images.inspect(request);
          case "image/history" -> images.history(request);
          case "image/rm" -> images.remove(request);
          case "image/tag" -> images.tag(request);
          case "builder/df" -> buildCache.render(request);
          case "search" -> search.render(request);
          case "system/df" -> diskUse.render(request);
          default -> null;
        });
  }
}
