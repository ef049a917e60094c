package io.jcompose.compose.load;

import io.jcompose.compose.model.Service;
import io.jcompose.compose.tree.Values;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads a service's limits, of its own keys and of {@code deploy.resources}. */
final class ResourcesReader {
  private ResourcesReader() {}

  static Service.Resources resources(Values v, @Nullable Values deploy) {
    Values nothing = Values.of(null, v.map());
    Values resources = deploy == null ? null : deploy.child("resources");
    Values limits = resources == null ? null : resources.child("limits");
    Values reserved = resources == null ? null : resources.child("reservations");
    Values limit = limits == null ? nothing : limits;
    Values reservation = reserved == null ? nothing : reserved;
    return new Service.Resources(
        v.has("cpus") ? v.nano("cpus") : limit.nano("cpus"),
        v.number("cpu_shares"),
        v.number("cpu_period"),
        v.number("cpu_quota"),
        v.number("cpu_rt_period"),
        v.number("cpu_rt_runtime"),
        v.number("cpu_count"),
        v.fraction("cpu_percent"),
        v.text("cpuset"),
        v.has("mem_limit") ? v.number("mem_limit") : limit.number("memory"),
        v.number("memswap_limit"),
        v.has("mem_reservation") ? v.number("mem_reservation") : reservation.number("memory"),
        v.optionalInt("mem_swappiness"),
        v.bool("oom_kill_disable"),
        (int) v.number("oom_score_adj"),
        v.has("pids_limit") ? v.number("pids_limit") : limit.number("pids"),
        v.number("shm_size"),
        blkio(v.child("blkio_config")));
  }

  private static Service.Blkio blkio(@Nullable Values v) {
    return v == null
        ? Service.Blkio.NONE
        : new Service.Blkio(
            (int) v.number("weight"),
            byPath(v, "weight_device", "weight"),
            byPath(v, "device_read_bps", "rate"),
            byPath(v, "device_write_bps", "rate"),
            byPath(v, "device_read_iops", "rate"),
            byPath(v, "device_write_iops", "rate"));
  }

  private static Map<String, Long> byPath(Values v, String key, String value) {
    Map<String, Long> all = new LinkedHashMap<>();
    v.items(key).forEach(item -> all.put(item.text("path"), item.number(value)));
    return all;
  }
}
