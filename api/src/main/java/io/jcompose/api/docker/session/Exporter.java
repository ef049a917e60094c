package io.jcompose.api.docker.session;

import io.jcompose.api.docker.rpc.ProtoMessage;
import io.jcompose.api.docker.rpc.RpcFailure;
import io.jcompose.core.ImageReference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What becomes of an image, as a client asks for it.
 *
 * @param index by which the client knows where it goes
 * @param attributes as {@code --output} has them
 */
record Exporter(int index, Kind kind, Map<String, String> attributes) {
  private static final Set<String> KNOWN = Set.of("name", "push", "dest");

  /** The kinds that are carried out. */
  enum Kind {
    /** It stays here, with names. */
    IMAGE,
    /** Its files, in a folder. */
    LOCAL,
    /** Its files, as a tar archive. */
    TAR,
    /** An archive of {@code docker load}. */
    DOCKER,
    /** An archive of an OCI image layout. */
    OCI
  }

  /**
   * Those of a {@code Control/Solve}.
   *
   * @throws RpcFailure for one that is not carried out
   */
  static List<Exporter> of(ProtoMessage request) {
    List<Exporter> all = new ArrayList<>();
    if (!request.has(13) && !request.text(3).isEmpty()) { // the former way to ask for one
      all.add(one(0, request.text(3), request.map(4)));
    }
    for (ProtoMessage one : request.messages(13)) {
      all.add(one(all.size(), one.text(1), one.map(2)));
    }
    return all;
  }

  private static Exporter one(int index, String type, Map<String, String> attributes) {
    for (String name : attributes.keySet()) {
      if (!KNOWN.contains(name)) {
        throw new RpcFailure(
            RpcFailure.UNIMPLEMENTED,
            "the attribute " + name + " of the output type=" + type + " is not carried out");
      }
    }
    return new Exporter(index, kind(type), attributes);
  }

  private static Kind kind(String type) {
    return switch (type) {
      case "moby", "image" -> Kind.IMAGE;
      case "local" -> Kind.LOCAL;
      case "tar" -> Kind.TAR;
      case "docker" -> Kind.DOCKER;
      case "oci" -> Kind.OCI;
      default ->
          throw new RpcFailure(
              RpcFailure.UNIMPLEMENTED, "the output type=" + type + " is not carried out");
    };
  }

  List<String> names() {
    String names = attributes.getOrDefault("name", "");
    return names.isEmpty()
        ? List.of()
        : Arrays.stream(names.split(","))
            .map(name -> ImageReference.parse(name).toString())
            .toList();
  }

  boolean isPushed() {
    return "true".equals(attributes.get("push"));
  }
}
