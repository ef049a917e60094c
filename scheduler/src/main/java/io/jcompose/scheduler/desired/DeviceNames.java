package io.jcompose.scheduler.desired;

import io.jcompose.compose.model.DeviceRequest;
import io.jcompose.compose.model.Service;
import io.jcompose.core.JcomposeException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The devices of a service in the engine's words: {@code host:container:rwm} for nodes, and the
 * names of the Container Device Interface for {@code gpus}, reserved devices and CDI devices.
 */
final class DeviceNames {
  private DeviceNames() {}

  static List<String> of(Service service) {
    List<String> names = new ArrayList<>();
    for (Service.Device device : service.isolation().devices()) {
      names.add(
          isCdi(device)
              ? device.source()
              : device.source() + ":" + device.target() + ":" + device.permissions());
    }
    requests(service).forEach(request -> add(request, names));
    return names;
  }

  private static boolean isCdi(Service.Device device) {
    return !device.source().startsWith("/") && device.source().contains("=");
  }

  /** What the service asks for by {@code gpus} and by reserved devices. */
  static Stream<DeviceRequest> requests(Service service) {
    var deploy = service.deploy();
    var reserved = deploy == null ? null : deploy.reservations();
    return Stream.concat(
        service.isolation().gpus().stream(),
        reserved == null ? Stream.empty() : reserved.devices().stream());
  }

  /** A request without device ids is for that many of the first devices; none or -1 is for all. */
  private static void add(DeviceRequest request, List<String> names) {
    if (request.driver().equals("cdi")) {
      names.addAll(request.deviceIds());
      return;
    }
    boolean gpu = request.capabilities().isEmpty() || request.capabilities().contains("gpu");
    if (!gpu || !List.of("", "nvidia", "amd").contains(request.driver())) {
      throw new JcomposeException.InvalidArgument(
          "could not select device driver \""
              + request.driver()
              + "\" with capabilities: ["
              + request.capabilities()
              + "]");
    }
    String kind = request.driver().equals("amd") ? "amd.com/gpu=" : "nvidia.com/gpu=";
    if (!request.deviceIds().isEmpty()) {
      request.deviceIds().forEach(id -> names.add(kind + id));
    } else if (request.count() <= 0) {
      names.add(kind + "all");
    } else {
      for (long i = 0; i < request.count(); i++) {
        names.add(kind + i);
      }
    }
  }
}
