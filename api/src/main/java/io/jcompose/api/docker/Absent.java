package io.jcompose.api.docker;

import io.jcompose.api.docker.call.Refusal;
import io.jcompose.api.docker.call.Routes;
import java.util.List;

/** What a daemon without a swarm and without plug-ins answers, and what is not carried out yet. */
final class Absent {
  private static final String NO_MANAGER =
      "This node is not a swarm manager. Use \"docker swarm init\" or \"docker swarm join\" to"
          + " connect this node to swarm and try again.";

  private Absent() {}

  static void addTo(Routes routes) {
    routes.get("/plugins", call -> call.json(List.of()));
    routes.post(
        "/swarm/leave",
        call -> {
          throw new Refusal(503, "This node is not part of a swarm");
        });
    for (String method : List.of("GET", "POST", "DELETE")) {
      for (String group : List.of("swarm", "nodes", "services", "tasks", "secrets", "configs")) {
        for (String rest : List.of("", "/{rest*}")) {
          routes.add(
              method,
              "/" + group + rest,
              call -> {
                throw new Refusal(503, NO_MANAGER);
              });
        }
      }
    }
  }
}
