package io.jcompose.compose.model;

import java.util.List;
import java.util.Map;

/**
 * A request for devices by capability ({@code gpus}, {@code
 * deploy.resources.reservations.devices}).
 *
 * @param count -1 is all, 0 is not given
 */
public record DeviceRequest(
    List<String> capabilities,
    String driver,
    long count,
    List<String> deviceIds,
    Map<String, String> options) {
  public DeviceRequest {
    capabilities = List.copyOf(capabilities);
    deviceIds = List.copyOf(deviceIds);
    options = Copies.ordered(options);
  }
}
