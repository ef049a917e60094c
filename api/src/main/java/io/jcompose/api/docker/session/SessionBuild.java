package io.jcompose.api.docker.session;

import io.jcompose.api.ApiPorts;
import io.jcompose.api.docker.rpc.ProtoMessage;
import io.jcompose.api.docker.rpc.RpcFailure;
import io.jcompose.api.docker.rpc.RpcStream;
import io.jcompose.core.Images;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Progress;
import io.jcompose.core.build.BuildSpec;
import io.jcompose.core.build.Builds;
import io.jcompose.core.build.ImageFiles;
import io.jcompose.core.build.Packing;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Carries builds out whose files, secrets and logins a session has. Thread-safe. */
final class SessionBuild {
  private static final String FRONTEND = "dockerfile.v0";
  private static final String UPLOADED = "http://buildkit-session/";
  private static final String LOCAL = "local:";
  private static final String INPUT = "input:";
  private static final String LINT = "frontend.lint";
  private static final String EXPORTING = "exporting to image";
  private static final int PIECE = 32 << 10;

  private final Builds builds;
  private final Images images;
  private final ClientSessions sessions;

  SessionBuild(ApiPorts ports, ClientSessions sessions) {
    this.builds = ports.builds();
    this.images = ports.images();
    this.sessions = sessions;
  }

  /**
   * What is to be built.
   *
   * @param inputs results of earlier builds, by the names that options have for them
   * @param imports where results of steps are looked for
   */
  record Asked(
      String frontend,
      Map<String, String> options,
      Map<String, ProtoMessage> inputs,
      List<ProtoMessage> imports) {
    /** Of a {@code Control/Solve} that says it all. */
    static Asked of(ProtoMessage request) {
      return new Asked(request.text(6), request.map(7), request.messageMap(10), List.of());
    }
  }

  /**
   * What was built, or answered.
   *
   * @param imageId empty for an answer alone
   */
  record Result(String imageId, Map<String, byte[]> metadata) {}

  /** A Dockerfile on its way to become an image. */
  private record Source(FrontendOptions options, Asked asked, SentFiles sent, Progress progress) {}

  /**
   * Builds it, with the names that the client's exporters have for it.
   *
   * @param request the client's {@code Control/Solve}
   * @throws RpcFailure as BuildKit's client is told
   */
  Result build(ProtoMessage request, Asked asked, Progress reports) {
    if (!asked.frontend.equals(FRONTEND) && !asked.frontend.equals("gateway.v0")) {
      throw new RpcFailure(
          RpcFailure.UNIMPLEMENTED, "the frontend " + asked.frontend + " is not carried out");
    }
    ClientSession session = session(request, asked);
    SessionProgress progress = new SessionProgress(reports, session);
    byte[][] dockerfile = {{}};
    try (SentFiles sent = new SentFiles(session, builds, progress)) {
      FrontendOptions options = new FrontendOptions(asked.options);
      List<String> names =
          Exporter.of(request).stream()
              .filter(one -> one.kind() == Exporter.Kind.IMAGE)
              .flatMap(one -> one.names().stream())
              .distinct()
              .toList();
      BuildSpec spec = options.spec(request, asked.imports).with().tags(names).build();
      Source source = new Source(options, asked, sent, progress);
      String context = options.text("context");
      if (!context.startsWith(UPLOADED)) {
        return built(source, withFiles(source, spec, dockerfile), dockerfile);
      }
      try (Builds.Received received = uploaded(session, context)) {
        return built(source, received.of(withName(spec, options)), dockerfile);
      }
    } catch (JcomposeException e) {
      RpcFailure failure = BuildFailure.of(e, dockerfile[0]);
      progress.failed(String.valueOf(failure.getMessage()));
      throw failure;
    }
  }

  /** Bake's builds have one of their own, and one for the files of all. */
  private ClientSession session(ProtoMessage request, Asked asked) {
    String id = asked.options.getOrDefault("local-sessionid:dockerfile", request.text(5));
    return sessions.await(asked.options.getOrDefault("local-sessionid:context", id));
  }

  private static BuildSpec withName(BuildSpec spec, FrontendOptions options) {
    String name = options.filename();
    return spec.with().dockerfile(name.equals("Dockerfile") ? "" : name).build();
  }

  private Builds.Received uploaded(ClientSession session, String context) {
    Map<String, List<String>> path =
        Map.of("urlpath", List.of("/" + context.substring(UPLOADED.length())));
    try (RpcStream call = session.open("/moby.upload.v1.Upload/Pull", path)) {
      call.endOfRequest();
      return builds.receive(new RpcBytes(call).input());
    } catch (IOException e) {
      throw ClientSession.gone(e);
    }
  }

  private static BuildSpec withFiles(Source source, BuildSpec spec, byte[][] dockerfile) {
    FrontendOptions options = source.options;
    String remote = options.text("context");
    if (!remote.isEmpty() && options.text("dockerfilekey").isEmpty()) {
      return withName(spec.with().context(remote).build(), options);
    }
    String name = options.filename();
    Path folder = source.sent.dockerfile(options.folder("dockerfilekey", "dockerfile"), name);
    dockerfile[0] = SentFiles.content(folder, name);
    String context = remote;
    if (remote.isEmpty()) {
      String local = options.folder("contextkey", "context");
      boolean own = Files.exists(folder.resolve(name + SentFiles.IGNORE));
      List<String> ignored =
          own
              ? SentFiles.patterns(folder, name + SentFiles.IGNORE)
              : source.sent.ignored("[internal] load .dockerignore", local);
      context = source.sent.context("[internal] load build context", local, ignored).toString();
    }
    return spec.with()
        .context(context)
        .dockerfile(folder.resolve(name).toString())
        .contexts(contexts(source))
        .build();
  }

  private static Map<String, String> contexts(Source source) {
    Map<String, String> contexts = new LinkedHashMap<>();
    source
        .options
        .all("context:")
        .forEach((name, place) -> contexts.put(name, at(source, name, place)));
    return contexts;
  }

  private static String at(Source source, String name, String place) {
    if (place.startsWith(LOCAL)) {
      String local = place.substring(LOCAL.length());
      String row = "[context " + name + "] load ";
      List<String> ignored = source.sent.ignored(row + ".dockerignore", local);
      return source.sent.context(row + "from client", local, ignored).toString();
    }
    if (!place.startsWith(INPUT)) {
      return place;
    }
    ProtoMessage input = source.asked.inputs.get(place.substring(INPUT.length()));
    String id = input == null ? "" : ResultReference.id(input);
    if (id.isEmpty()) {
      throw new JcomposeException.InvalidArgument("the context " + name + " is of no build here");
    }
    return "docker-image://" + id;
  }

  private Result built(Source source, BuildSpec spec, byte[][] dockerfile) {
    String request = source.options.text("requestid");
    if (request.equals(LINT)) {
      return new Result("", LintAnswer.of(builds.check(spec), spec, dockerfile[0]));
    }
    if (!request.isEmpty()) {
      throw new JcomposeException.NotSupported("the request " + request + " is not carried out");
    }
    String id = builds.build(List.of(spec), source.progress).getFirst().imageId();
    return new Result(id, Map.of());
  }

  /**
   * Does with an image what the client's exporters say.
   *
   * @return what the client is told of it
   */
  Map<String, String> exported(ProtoMessage request, String imageId, Progress reports) {
    ClientSession session = sessions.await(request.text(5));
    Progress progress = new SessionProgress(reports, session);
    Map<String, String> told = new LinkedHashMap<>();
    for (Exporter exporter : Exporter.of(request)) {
      if (exporter.kind() == Exporter.Kind.IMAGE) {
        told.put("image.name", String.join(",", exporter.names()));
        named(exporter, imageId, progress);
      } else {
        send(session, exporter, imageId, progress);
      }
    }
    told.values().removeIf(String::isEmpty);
    return told;
  }

  private void named(Exporter exporter, String imageId, Progress progress) {
    progress.report(Progress.Step.of(EXPORTING, "Building"));
    progress.report(Progress.Step.of(EXPORTING, "Written", "writing image " + imageId));
    for (String name : exporter.names()) {
      progress.report(Progress.Step.of(EXPORTING, "Named", "naming to " + name));
    }
    progress.report(Progress.Step.of(EXPORTING, "Done"));
    if (exporter.isPushed()) {
      for (String name : exporter.names()) {
        String row = "pushing " + name;
        progress.report(Progress.Step.of(row, "Building"));
        images.push(name, progress);
        progress.report(Progress.Step.of(row, "Done"));
      }
    }
  }

  private void send(ClientSession session, Exporter exporter, String imageId, Progress progress) {
    Map<String, List<String>> place =
        Map.of("buildkit-attachable-exporter-id", List.of(String.valueOf(exporter.index())));
    try (RpcStream call = session.open("/moby.filesync.v1.FileSend/DiffCopy", place)) {
      progress.onGone(call::close);
      if (exporter.kind() == Exporter.Kind.LOCAL) {
        try (ImageFiles files = builds.files(imageId)) {
          FileSending.send(call, files);
          return;
        }
      }
      try (OutputStream out = new BufferedOutputStream(new RpcBytes(call).output(), PIECE)) {
        switch (exporter.kind()) {
          case TAR -> builds.export(imageId, out);
          case DOCKER, OCI -> {
            boolean dockers = exporter.kind() == Exporter.Kind.DOCKER;
            images.export(
                new Images.Export(imageId, exporter.names(), Packing.DEFAULT, dockers), out);
          }
          case IMAGE, LOCAL -> throw new IllegalStateException("no archive: " + exporter);
        }
      }
      call.endOfRequest();
      while (call.receive() != null) {
        // the client has taken all when it ends the call
      }
    } catch (IOException e) {
      throw ClientSession.gone(e);
    }
  }
}
