package io.jcompose.api.docker.container;

import io.jcompose.api.ApiPorts;
import io.jcompose.api.docker.call.Call;
import io.jcompose.api.docker.call.Refusal;
import io.jcompose.api.docker.call.Routes;
import io.jcompose.api.docker.create.SpecRequest;
import io.jcompose.api.docker.model.HostConfig;
import io.jcompose.core.ContainerSpec;
import io.jcompose.core.ContainerSpec.RestartPolicy;
import io.jcompose.core.ContainerView;
import io.jcompose.core.Containers;
import io.jcompose.core.Resources;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** {@code POST /containers/{id}/update}: limits and restart policy; what is not said stays. */
public final class ContainerUpdate {
  private final Containers containers;

  public ContainerUpdate(ApiPorts ports) {
    this.containers = ports.containers();
  }

  public void addTo(Routes routes) {
    routes.post("/containers/{id}/update", this::update);
  }

  private void update(Call call) throws IOException {
    HostConfig asked = call.body(HostConfig.class);
    ContainerView view = ContainerRoutes.find(containers, call.name("id"));
    ContainerSpec spec = view.spec();
    HostConfig.RestartPolicy named = asked.restartPolicy();
    boolean restarts = named != null && named.name() != null && !named.name().isEmpty();
    RestartPolicy restart = restarts ? SpecRequest.restart(named) : spec.lifecycle().restart();
    if (restarts && spec.lifecycle().autoRemove()) {
      throw new Refusal(
          409,
          "Cannot update container "
              + view.id()
              + ": Restart policy cannot be updated because AutoRemove is enabled for the"
              + " container");
    }
    Resources next = over(spec.resources(), SpecRequest.resources(asked), asked);
    containers.update(view.id(), next, restart, spec.labels());
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("Warnings", null);
    call.json(answer);
  }

  private static Resources over(Resources has, Resources asked, HostConfig given) {
    if (asked.nanoCpus() > 0 && (has.cpuQuotaMicros() > 0 || has.cpuPeriodMicros() > 0)) {
      throw conflict("NanoCPUs", has.cpuQuotaMicros() > 0 ? "CPU Quota" : "CPU Period");
    }
    if (has.nanoCpus() > 0 && asked.cpuQuotaMicros() > 0) {
      throw conflict("CPU Quota", "NanoCPUs");
    }
    if (has.nanoCpus() > 0 && asked.cpuPeriodMicros() > 0) {
      throw conflict("CPU Period", "NanoCPUs");
    }
    long memory = or(asked.memoryBytes(), has.memoryBytes());
    if (asked.memoryBytes() > 0
        && has.memorySwapBytes() > 0
        && asked.memorySwapBytes() == 0
        && memory > has.memorySwapBytes()) {
      throw new Refusal(
          409,
          "Memory limit should be smaller than already set memoryswap limit, update the memoryswap"
              + " at the same time");
    }
    return has.with()
        .nanoCpus(or(asked.nanoCpus(), has.nanoCpus()))
        .cpuShares(or(asked.cpuShares(), has.cpuShares()))
        .cpuPeriodMicros(or(asked.cpuPeriodMicros(), has.cpuPeriodMicros()))
        .cpuQuotaMicros(or(asked.cpuQuotaMicros(), has.cpuQuotaMicros()))
        .cpusetCpus(asked.cpusetCpus().isEmpty() ? has.cpusetCpus() : asked.cpusetCpus())
        .cpusetMems(asked.cpusetMems().isEmpty() ? has.cpusetMems() : asked.cpusetMems())
        .memoryBytes(memory)
        .memorySwapBytes(or(asked.memorySwapBytes(), has.memorySwapBytes()))
        .memoryReservationBytes(or(asked.memoryReservationBytes(), has.memoryReservationBytes()))
        .blkioWeight(asked.blkioWeight() == 0 ? has.blkioWeight() : asked.blkioWeight())
        .pidsLimit(given.pidsLimit() == null ? has.pidsLimit() : asked.pidsLimit())
        .build();
  }

  private static Refusal conflict(String asked, String has) {
    return new Refusal(
        409,
        "Conflicting options: " + asked + " cannot be updated as " + has + " has already been set");
  }

  private static long or(long asked, long has) {
    return asked == 0 ? has : asked;
  }
}
