package io.jcompose.api.docker.session;

import io.jcompose.api.docker.rpc.ProtoMessage;
import io.jcompose.api.docker.rpc.ProtoWriter;
import io.jcompose.api.docker.rpc.RpcConnection;
import io.jcompose.api.docker.rpc.RpcFailure;
import io.jcompose.api.docker.rpc.RpcStream;
import io.jcompose.api.host.CachePrune;
import io.jcompose.api.request.Moments;
import io.jcompose.api.request.NamedFilters;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.build.Builds;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The calls by which a client of BuildKit has something built: {@code Control} asks for a build and
 * waits for it, {@code LLBBridge} says of what Dockerfile, while {@code Status} tells how it goes.
 * Thread-safe.
 */
final class BuildControl implements RpcConnection.Service {
  private static final String CONTROL = "/moby.buildkit.v1.Control/";
  private static final String BRIDGE = "/moby.buildkit.v1.frontend.LLBBridge/";
  private static final String BUILD = "buildkit-controlapi-buildid";
  private static final String SHARED_KEY = "x-docker-expose-session-sharedkey";
  private static final String SESSION = "x-docker-expose-session-uuid";

  /** What a client asks for only where it is here. */
  private static final List<String> FRONTEND_CAPABILITIES =
      List.of(
          "solve.base",
          "solve.inlinereturn",
          "importcaches",
          "proto.refarray",
          "reference.output",
          "return",
          "returnmap",
          "frontend.inputs",
          "gateway.solve.metadata",
          "frontend.caps",
          "gateway.evaluate",
          "gateway.solve.evaluate");

  private static final List<String> SOURCE_CAPABILITIES =
      List.of(
          "source.image",
          "source.local",
          "source.local.sessionid",
          "source.local.unique",
          "source.local.followpaths",
          "source.local.excludepatterns",
          "source.local.sharedkeyhint",
          "source.metaresolver",
          "exporter.multiple",
          "constraints",
          "platform",
          "meta.description");

  private final Builds builds;
  private final ClientSessions sessions;
  private final Moments moments;
  private final BuildRuns runs;

  BuildControl(Builds builds, ClientSessions sessions, SessionBuild build, Moments moments) {
    this.builds = builds;
    this.sessions = sessions;
    this.moments = moments;
    this.runs = new BuildRuns(build);
  }

  @Override
  public void serve(RpcStream call) throws IOException {
    try {
      switch (call.path()) {
        case CONTROL + "ListWorkers" -> call.send(new ProtoWriter().message(1, Worker.record()));
        case CONTROL + "Info" -> call.send(new ProtoWriter().message(1, Worker.version()));
        case CONTROL + "Solve" -> runs.solve(call);
        case CONTROL + "Status" -> runs.status(call);
        case CONTROL + "Session" -> session(call);
        case CONTROL + "DiskUsage" -> diskUsage(call);
        case CONTROL + "Prune" -> prune(call);
        case BRIDGE + "Ping" -> call.send(capabilities());
        case BRIDGE + "Solve" -> runs.asked(call.header(BUILD)).bridge(call);
        case BRIDGE + "Evaluate" -> call.send(new ProtoWriter()); // all is, at once
        case BRIDGE + "Return" -> {
          runs.asked(call.header(BUILD)).returned(call.request());
          call.send(new ProtoWriter());
        }
        case "/grpc.health.v1.Health/Check" -> call.send(new ProtoWriter().number(1, 1));
        case "/opentelemetry.proto.collector.trace.v1.TraceService/Export" ->
            call.send(new ProtoWriter()); // nobody looks at it
        default ->
            throw new RpcFailure(RpcFailure.UNIMPLEMENTED, call.path() + " is not carried out");
      }
    } catch (JcomposeException e) {
      throw new RpcFailure(RpcFailure.UNKNOWN, String.valueOf(e.getMessage()));
    }
  }

  private static ProtoWriter capabilities() {
    ProtoWriter answer = new ProtoWriter();
    FRONTEND_CAPABILITIES.forEach(id -> answer.message(1, capability(id)));
    SOURCE_CAPABILITIES.forEach(id -> answer.message(2, capability(id)));
    return answer.message(3, Worker.record());
  }

  private static ProtoWriter capability(String id) {
    return new ProtoWriter().text(1, id).flag(2, true);
  }

  /** A session whose connection is inside of this one. */
  private void session(RpcStream call) throws IOException {
    RpcBytes tunnel = new RpcBytes(call);
    sessions.run(call.header(SESSION), call.header(SHARED_KEY), tunnel.input(), tunnel.output());
  }

  private void diskUsage(RpcStream call) throws IOException {
    ProtoWriter answer = new ProtoWriter();
    builds.cache().forEach(entry -> answer.message(1, record(entry)));
    call.send(answer);
  }

  private static ProtoWriter record(Builds.CacheEntry entry) {
    return new ProtoWriter()
        .text(1, entry.id())
        .flag(3, entry.inUse())
        .number(4, entry.bytes())
        .time(6, entry.lastUsed())
        .time(7, entry.lastUsed())
        .number(8, 1)
        .text(9, entry.description())
        .text(10, "regular");
  }

  private void prune(RpcStream call) throws IOException {
    ProtoMessage request = call.request();
    if (request.number(5) > 0 || request.number(6) > 0) {
      throw new RpcFailure(
          RpcFailure.UNIMPLEMENTED, "prune by the space that is used or free is not carried out");
    }
    NamedFilters filters = filters(request);
    Builds.Prune what = CachePrune.of(filters, moments, request.number(4), request.flag(2));
    Map<String, Builds.CacheEntry> before = new HashMap<>();
    builds.cache().forEach(entry -> before.put(entry.id(), entry));
    builds.prune(what).removed();
    builds.cache().forEach(entry -> before.remove(entry.id()));
    for (Builds.CacheEntry entry : before.values()) {
      call.send(record(entry));
    }
  }

  /** {@code NAME==VALUE}, all of them in one text with commas between, as buildx sends them. */
  private static NamedFilters filters(ProtoMessage request) {
    Map<String, List<String>> filters = new HashMap<>();
    request.texts(1).stream()
        .flatMap(text -> Arrays.stream(text.split(",")))
        .filter(text -> !text.isEmpty())
        .forEach(
            text -> {
              String[] words = text.split("(==|=)", 2);
              filters
                  .computeIfAbsent(words[0], name -> new ArrayList<>())
                  .add(words.length > 1 ? words[1] : "true");
            });
    long keptNanos = request.number(3);
    if (keptNanos > 0) {
      filters.put("unused-for", List.of(keptNanos / 1_000_000_000L + "s"));
    }
    return new NamedFilters(filters);
  }
}
