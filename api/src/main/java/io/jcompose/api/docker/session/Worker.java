package io.jcompose.api.docker.session;

import io.jcompose.api.docker.rpc.ProtoWriter;
import io.jcompose.api.host.HostInfo;
import java.util.Map;

/** What clients are told of who builds. */
final class Worker {
  private static final String ID = "jcompose";

  private Worker() {}

  /** {@code WorkerRecord}. */
  static ProtoWriter record() {
    ProtoWriter platform =
        new ProtoWriter().text(1, HostInfo.architecture("arm64", "amd64")).text(2, "linux");
    return new ProtoWriter()
        .text(1, ID)
        .map(2, Map.of("org.mobyproject.buildkit.worker.executor", ID))
        .message(3, platform)
        .message(5, version());
  }

  /** {@code BuildkitVersion}: the one whose behaviour is meant. */
  static ProtoWriter version() {
    return new ProtoWriter().text(1, "io.jcompose").text(2, "v0.25.1");
  }
}
