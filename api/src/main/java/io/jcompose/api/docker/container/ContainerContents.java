package io.jcompose.api.docker.container;

import io.jcompose.api.ApiPorts;
import io.jcompose.api.docker.call.Call;
import io.jcompose.api.docker.call.LateStream;
import io.jcompose.api.docker.call.Refusal;
import io.jcompose.api.docker.call.Routes;
import io.jcompose.api.docker.model.ContainerCreateRequest;
import io.jcompose.api.docker.model.PathStat;
import io.jcompose.api.text.JsonText;
import io.jcompose.core.ContainerView;
import io.jcompose.core.Containers;
import io.jcompose.core.Contents;
import io.jcompose.core.JcomposeException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/** The files of containers: exported, unpacked into, made an image of. */
public final class ContainerContents {
  private static final String STAT = "X-Docker-Container-Path-Stat";

  private final Containers containers;
  private final Contents contents;

  public ContainerContents(ApiPorts ports) {
    this.containers = ports.containers();
    this.contents = ports.contents();
  }

  public void addTo(Routes routes) {
    routes.get("/containers/{id}/export", this::export);
    routes.add("HEAD", "/containers/{id}/archive", this::look);
    routes.get("/containers/{id}/archive", this::pack);
    routes.add("PUT", "/containers/{id}/archive", this::unpack);
    routes.post("/commit", this::commit);
  }

  private void export(Call call) throws IOException {
    ContainerView view = ContainerRoutes.find(containers, call.name("id"));
    LateStream output = new LateStream(call.exchange(), "application/octet-stream", null);
    contents.export(view.id(), output);
    output.open();
  }

  /** What is there, told by the beginning of its archive. */
  private void look(Call call) throws IOException {
    AtomicBoolean seen = new AtomicBoolean();
    try (Contents.Archive archive = open(call)) {
      archive.writeTo(
          new TarHead(
              call.query("path"),
              stat -> {
                call.exchange().header(STAT, text(stat));
                seen.set(true);
                throw new IOException("all that is asked for is known");
              }));
    } catch (IOException e) {
      if (!seen.get()) {
        throw e;
      }
    }
    call.done(200);
  }

  private void pack(Call call) throws IOException {
    try (Contents.Archive archive = open(call)) {
      archive.writeTo(
          new TarHead(
              call.query("path"),
              stat -> {
                call.exchange().header(STAT, text(stat));
                return call.exchange().stream(200, "application/x-tar", null);
              }));
    }
  }

  private static String text(PathStat stat) {
    byte[] json = JsonText.of(stat).getBytes(StandardCharsets.UTF_8);
    return Base64.getEncoder().encodeToString(json);
  }

  private Contents.Archive open(Call call) {
    ContainerView view = ContainerRoutes.find(containers, call.name("id"));
    return open(call, view, requirePath(call), false);
  }

  private Contents.Archive open(Call call, ContainerView view, String path, boolean followLink) {
    try {
      return contents.open(view.id(), path, followLink);
    } catch (JcomposeException.NotFound e) {
      throw new JcomposeException.NotFound(
          "Could not find the file " + path + " in container " + call.name("id"));
    }
  }

  private static String requirePath(Call call) {
    String path = call.query("path");
    if (path.isEmpty()) {
      throw new Refusal(400, "bad parameter: path cannot be empty");
    }
    return path;
  }

  /** Into a directory that is there, with the owners that the archive says. */
  private void unpack(Call call) throws IOException {
    ContainerView view = ContainerRoutes.find(containers, call.name("id"));
    String path = requirePath(call);
    boolean done =
        call.taking(
            body -> {
              requireDirectory(call, view, path);
              contents.write(view.id(), new Contents.Destination(path, "", false, false), body);
              return true;
            });
    call.done(done ? 200 : 500);
  }

  private void requireDirectory(Call call, ContainerView view, String path) {
    try (Contents.Archive there = open(call, view, path, true)) {
      if (!there.isDirectory()) {
        throw new Refusal(400, "extraction point is not a directory");
      }
    }
  }

  private void commit(Call call) throws IOException {
    String container = call.query("container");
    if (container.isEmpty()) {
      throw new Refusal(400, "invalid name or ID supplied: \"\"");
    }
    ContainerView view = ContainerRoutes.find(containers, container);
    String tag = call.query("tag");
    String repository = call.query("repo");
    String name = tag.isEmpty() || repository.isEmpty() ? repository : repository + ":" + tag;
    Contents.Commit commit =
        new Contents.Commit(
            name,
            call.query("author"),
            call.query("comment"),
            call.is("pause", true),
            changes(call));
    AtomicBoolean left = new AtomicBoolean();
    call.exchange().watch(() -> left.set(true));
    call.json(201, Map.of("Id", contents.commit(view.id(), commit, left::get)));
  }

  /** Those of the config in the body, which later ones in the query may change again. */
  private static List<String> changes(Call call) throws IOException {
    ContainerCreateRequest config = call.bodyIfGiven(ContainerCreateRequest.class);
    List<String> changes = new ArrayList<>();
    if (config != null) {
      changes.addAll(ConfigInstructions.of(config));
    }
    call.queries("changes").stream()
        .flatMap(String::lines)
        .filter(line -> !line.isBlank())
        .forEach(changes::add);
    return changes;
  }
}
