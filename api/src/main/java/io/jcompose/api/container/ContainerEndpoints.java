package io.jcompose.api.container;

import io.jcompose.api.ApiPorts;
import io.jcompose.api.http.Exchange;
import io.jcompose.api.inspect.InspectCommand;
import io.jcompose.api.log.EventLog;
import io.jcompose.api.log.EventsCommand;
import io.jcompose.api.request.CommandRequest;
import io.jcompose.api.request.ContainerRefs;
import io.jcompose.api.request.ProjectSource;
import io.jcompose.core.Activity;
import io.jcompose.core.Containers;
import io.jcompose.core.JcomposeException;
import java.io.IOException;
import java.time.Clock;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;

/** The endpoints that look into single containers or change them, beside their project's plan. */
public final class ContainerEndpoints {
  private final Containers containers;
  private final ContainerRefs refs;
  private final StatsCommand stats;
  private final TopCommand top;
  private final CopyCommand copy;
  private final EventsCommand events;
  private final InspectCommand inspect;

  public ContainerEndpoints(ApiPorts ports, ProjectSource source, EventLog log, Clock clock) {
    Activity activity = ports.activity();
    this.containers = ports.containers();
    this.refs = new ContainerRefs(containers, source);
    this.stats = new StatsCommand(containers, activity, source);
    this.top = new TopCommand(containers, activity, source, clock);
    this.copy = new CopyCommand(ports.contents(), refs);
    this.events = new EventsCommand(log, source, clock);
    this.inspect = new InspectCommand(refs, ports, clock);
  }

  /** Answers a command of these; false for any other name. */
  public boolean answer(String name, Exchange exchange, CommandRequest request) throws IOException {
    switch (name) {
      case "stats" -> stats.answer(exchange, request);
      case "top" -> text(exchange, request, top::render);
      case "events" -> events.answer(exchange, request);
      case "cp/targets" -> text(exchange, request, copy::targets);
      case "cp/out" -> copy.out(exchange, request);
      case "cp/in" -> copy.in(exchange, request);
      case "export" -> copy.export(exchange, request);
      case "commit" -> {
        AtomicBoolean gone = new AtomicBoolean();
        exchange.watch(() -> gone.set(true));
        text(exchange, request, words -> copy.commit(words, gone::get));
      }
      case "diff" -> text(exchange, request, copy::diff);
      case "inspect" -> text(exchange, request, inspect::render);
      case "rename" -> text(exchange, request, this::rename);
      default -> {
        return false;
      }
    }
    return true;
  }

  private String rename(CommandRequest request) {
    if (request.arguments().size() != 2) {
      throw new JcomposeException.InvalidArgument("rename needs a container and its new name");
    }
    containers.rename(
        refs.any(request, request.arguments().get(0)).id(), request.arguments().get(1));
    return "";
  }

  private static void text(
      Exchange exchange, CommandRequest request, Function<CommandRequest, String> rendering)
      throws IOException {
    exchange.respond(200, "text/plain; charset=utf-8", rendering.apply(request));
  }
}
