package io.jcompose.engine.settings;

import com.fasterxml.jackson.databind.JsonNode;
import io.jcompose.core.ContainerSpec;
import io.jcompose.core.ContainerSpec.Logging;
import io.jcompose.core.ContainerSpec.ProcessSpec;
import io.jcompose.core.ContainerSpec.Security;
import io.jcompose.core.ContainerSpec.Ulimit;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Networking;
import io.jcompose.core.Resources;
import io.jcompose.engine.log.LogOptions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What containers get that do not say otherwise, by the engine's settings in the form of Docker's:
 * {@code log-driver}, {@code log-opts}, {@code dns}, {@code dns-opts}, {@code dns-search}, {@code
 * default-ulimits}, {@code default-shm-size}, {@code default-runtime}, {@code init} and {@code
 * no-new-privileges}. Immutable.
 */
public record EngineDefaults(
    Logging logging,
    List<String> dns,
    List<String> dnsOptions,
    List<String> dnsSearch,
    Map<String, Ulimit> ulimits,
    long shmBytes,
    String runtime,
    boolean init,
    boolean noNewPrivileges) {
  static final EngineDefaults NONE =
      new EngineDefaults(
          Logging.DEFAULT, List.of(), List.of(), List.of(), Map.of(), 0, "", false, false);

  private static final String NO_NEW_PRIVILEGES = "no-new-privileges";

  public EngineDefaults {
    dns = List.copyOf(dns);
    dnsOptions = List.copyOf(dnsOptions);
    dnsSearch = List.copyOf(dnsSearch);
    ulimits = Map.copyOf(ulimits);
  }

  /**
   * Reads them from the settings.
   *
   * @throws JcomposeException.InvalidArgument for what cannot be meant, naming the key
   */
  public static EngineDefaults of(SettingsFile settings) {
    String driver = settings.text("log-driver");
    Logging logging =
        new Logging(
            driver.isEmpty() ? Logging.DEFAULT.driver() : driver,
            settings.pairs("log-opts", settings.get("log-opts")));
    try {
      LogOptions.check(logging);
    } catch (JcomposeException e) {
      throw settings.wrong("log-driver, log-opts", String.valueOf(e.getMessage()));
    }
    String runtime = settings.text("default-runtime");
    return new EngineDefaults(
        logging,
        settings.texts("dns"),
        settings.texts("dns-opts"),
        settings.texts("dns-search"),
        ulimits(settings),
        settings.bytes("default-shm-size"),
        runtime.equals("runc") && !settings.get("runtimes").has("runc") ? "" : runtime,
        settings.flag("init"),
        settings.flag(NO_NEW_PRIVILEGES));
  }

  /** {@code {"nofile": {"Name": "nofile", "Hard": 64000, "Soft": 64000}}}. */
  private static Map<String, Ulimit> ulimits(SettingsFile settings) {
    Map<String, Ulimit> ulimits = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : settings.get("default-ulimits").properties()) {
      JsonNode limit = entry.getValue();
      String key = "default-ulimits." + entry.getKey();
      if (!limit.path("Soft").isIntegralNumber() || !limit.path("Hard").isIntegralNumber()) {
        throw settings.wrong(key, "give {\"Name\": …, \"Soft\": N, \"Hard\": N}, not " + limit);
      }
      String name = limit.path("Name").asText(entry.getKey());
      ulimits.put(name, new Ulimit(limit.path("Soft").asLong(), limit.path("Hard").asLong()));
    }
    return ulimits;
  }

  /** The spec with what it leaves open filled in; one that was filled in stays as it is. */
  public ContainerSpec over(ContainerSpec spec) {
    return spec.with()
        .process(over(spec.process()))
        .security(over(spec.security()))
        .networking(over(spec.networking()))
        .resources(spec.resources().shmBytes() == 0 ? withShm(spec.resources()) : spec.resources())
        .logging(over(spec.logging()))
        .build();
  }

  /** As dockerd: options are for the driver that they were given with. */
  private Logging over(Logging own) {
    if (!own.driver().isEmpty() && !own.driver().equals(logging.driver())) {
      return own;
    }
    Map<String, String> options = new LinkedHashMap<>(logging.options());
    options.putAll(own.options());
    return new Logging(logging.driver(), options);
  }

  private ProcessSpec over(ProcessSpec own) {
    return !init || own.init() ? own : own.withInit(true);
  }

  private Security over(Security own) {
    Map<String, Ulimit> limits = new LinkedHashMap<>(ulimits);
    limits.putAll(own.ulimits());
    List<String> options = new ArrayList<>(own.securityOpt());
    if (noNewPrivileges && options.stream().noneMatch(o -> o.startsWith(NO_NEW_PRIVILEGES))) {
      options.add(NO_NEW_PRIVILEGES);
    }
    return own.with()
        .securityOpt(options)
        .ulimits(limits)
        .runtime(own.runtime().isEmpty() ? runtime : own.runtime())
        .build();
  }

  /** A container in another one's network has that one's resolver. */
  private Networking over(Networking own) {
    if (own.mode().startsWith("container:") || own.mode().startsWith("service:")) {
      return own;
    }
    return own.with()
        .dns(own.dns().isEmpty() ? dns : own.dns())
        .dnsSearch(own.dnsSearch().isEmpty() ? dnsSearch : own.dnsSearch())
        .dnsOptions(own.dnsOptions().isEmpty() ? dnsOptions : own.dnsOptions())
        .build();
  }

  private Resources withShm(Resources own) {
    return own.withShmBytes(shmBytes);
  }
}
