package io.jcompose.api.docker.session;

import io.jcompose.api.ApiPorts;
import io.jcompose.api.docker.call.Call;
import io.jcompose.api.docker.call.Refusal;
import io.jcompose.api.docker.call.Routes;
import io.jcompose.api.docker.rpc.RpcConnection;
import io.jcompose.api.http.HijackedStream;
import io.jcompose.api.request.Moments;
import java.io.IOException;
import java.time.Duration;

/** {@code POST /grpc} and {@code POST /session}, which take the connection over for HTTP/2. */
public final class SessionRoutes {
  private static final String ID = "x-docker-expose-session-uuid";

  private static final String SHARED_KEY = "x-docker-expose-session-sharedkey";

  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private final ClientSessions sessions;
  private final BuildControl control;
  private final FormerSessionBuild former;

  public SessionRoutes(ApiPorts ports, Moments moments) {
    this.sessions = new ClientSessions(ports.builds());
    SessionBuild build = new SessionBuild(ports, sessions);
    this.control = new BuildControl(ports.builds(), sessions, build, moments);
    this.former = new FormerSessionBuild(build);
  }

  /** {@code POST /build?version=2}. */
  public void build(Call call) throws IOException {
    former.answer(call);
  }

  public void addTo(Routes routes) {
    routes.post("/grpc", this::grpc).post("/session", this::session);
  }

  private void grpc(Call call) throws IOException {
    requireUpgrade(call);
    try (HijackedStream stream = call.exchange().hijack("")) {
      RpcConnection.server(stream.input(), stream.output(PATIENCE), control).run();
    }
  }

  private void session(Call call) throws IOException {
    requireUpgrade(call);
    String id = call.exchange().head().header(ID);
    if (id.isEmpty()) {
      throw new Refusal(400, "the header X-Docker-Expose-Session-Uuid is missing");
    }
    String sharedKey = call.exchange().head().header(SHARED_KEY);
    try (HijackedStream stream = call.exchange().hijack("")) {
      sessions.run(id, sharedKey, stream.input(), stream.output(PATIENCE));
    }
  }

  private static void requireUpgrade(Call call) {
    String protocol = call.exchange().head().header("upgrade");
    if (!call.exchange().head().isUpgrade() || !protocol.equals("h2c")) {
      throw new Refusal(400, "the connection must be upgraded to h2c");
    }
  }
}
