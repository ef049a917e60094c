package io.jcompose.core;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Networks of this engine. A reference is an id, a unique id prefix, or a name. */
public interface Networks {
  /**
   * Makes a network.
   *
   * @return its id
   * @throws JcomposeException.Conflict {@code network with name X already exists}, or an
   *     overlapping pool
   */
  String create(NetworkSpec spec);

  /**
   * Why such a network cannot be made, as far as it can be told beforehand. Changes nothing; empty
   * when nothing speaks against it.
   *
   * @param former id of a network that goes before; empty is none
   */
  default List<JcomposeException> problems(NetworkSpec spec, String former) {
    return List.of();
  }

  /**
   * Removes a network; removing what is gone succeeds.
   *
   * @throws JcomposeException.Conflict when containers run on it, naming them
   */
  void remove(String ref);

  Optional<NetworkView> find(String ref);

  /** Networks that carry all the labels (an empty value matches any), sorted by name. */
  List<NetworkView> list(Map<String, String> labels);

  /**
   * What is wrong with the networks at the moment, or was changed on the host for their sake, in
   * words for a person; mostly empty.
   */
  default List<String> warnings() {
    return List.of();
  }

  /**
   * The label of the network {@code bridge}, which all projects share and nobody else may make; its
   * value is the name.
   */
  String PREDEFINED = "io.jcompose.predefined";

  /**
   * What a network shall be.
   *
   * @param driver bridge; empty is bridge
   * @param options driver options
   * @param pools empty lets the engine choose a subnet
   */
  @RecordBuilder
  record NetworkSpec(
      String name,
      String driver,
      Map<String, String> options,
      boolean internal,
      boolean attachable,
      boolean ipv6,
      List<Pool> pools,
      Map<String, String> labels)
      implements NetworkSpecBuilder.With {
    public NetworkSpec {
      options = Map.copyOf(options);
      pools = List.copyOf(pools);
      labels = Map.copyOf(labels);
    }

    /** A bridge with a subnet that the engine chooses, and nothing else. */
    public static NetworkSpec of(String name) {
      return new NetworkSpec(name, "", Map.of(), false, false, false, List.of(), Map.of());
    }

    /** Docker's default network, made when the first container wants it. */
    public static NetworkSpec predefinedBridge() {
      return of("bridge").withLabels(Map.of(PREDEFINED, "bridge"));
    }

    /** Whether it is of no project, and none of a user's. */
    public boolean isPredefined() {
      return name.equals(labels.get(PREDEFINED));
    }
  }

  /**
   * An address pool; texts may be empty.
   *
   * @param subnet CIDR
   * @param ipRange CIDR inside the subnet for chosen addresses
   * @param auxAddresses reserved addresses by name
   */
  record Pool(String subnet, String gateway, String ipRange, Map<String, String> auxAddresses) {
    public Pool {
      auxAddresses = Map.copyOf(auxAddresses);
    }
  }

  /** A network as it is; pools are filled in. */
  record NetworkView(String id, NetworkSpec spec, Instant createdAt) {
    public String name() {
      return spec.name();
    }
  }
}
