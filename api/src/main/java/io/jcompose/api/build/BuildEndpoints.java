package io.jcompose.api.build;

import io.jcompose.api.answer.ArchiveFrames;
import io.jcompose.api.answer.FrameOutput;
import io.jcompose.api.answer.ProgressLines;
import io.jcompose.api.http.Exchange;
import io.jcompose.api.request.CommandRequest;
import io.jcompose.api.request.ProjectSource;
import io.jcompose.compose.model.Project;
import io.jcompose.core.ByteSize;
import io.jcompose.core.ImageReference;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.build.BuildSpec;
import io.jcompose.core.build.Builds;
import io.jcompose.core.build.Packing;
import io.jcompose.scheduler.BuildOptions;
import io.jcompose.scheduler.Projects;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** {@code build} of a project's services, and {@code image build} of a folder. Thread-safe. */
public final class BuildEndpoints {
  private static final List<String> LEFT_OUT = List.of("builder", "provenance", "sbom", "attest");

  private final Projects projects;
  private final Builds builds;
  private final ProjectSource source;

  public BuildEndpoints(Projects projects, Builds builds, ProjectSource source) {
    this.projects = projects;
    this.builds = builds;
    this.source = source;
  }

  /** Builds services' images; with {@code check} or {@code print} only looks at what there is. */
  public void services(CommandRequest request, ProgressLines progress) {
    Project project = project(request);
    BuildOptions options = options(request, project);
    if (request.has("print")) {
      progress.send(Map.of("stdout", BakeText.of(projects.builds(project, options))));
    } else if (request.has("check")) {
      check(projects.builds(project, options), progress);
    } else {
      source.cautions(request, project).forEach(progress::warn);
      warn(request, progress);
      projects.build(project, options, progress);
      if (request.has("push")) {
        projects.push(
            project, request.arguments(), request.has("with-dependencies"), false, progress);
      }
    }
  }

  /** Whoever names a folder, as docker's command of that name takes, reads what to write here. */
  private Project project(CommandRequest request) {
    List<String> words = request.arguments();
    try {
      Project project = source.load(request, words);
      source.requireServices(project, words);
      return project;
    } catch (JcomposeException.NotFound e) {
      String advice = "a folder is built by `jcompose image build " + String.join(" ", words) + "`";
      throw ProjectSource.advising(e, words, advice);
    }
  }

  /** Builds one image of a folder; its id is a member of the answer's result. */
  public void image(CommandRequest request, ProgressLines progress) {
    image(request, spec(request), progress);
  }

  /** The same of a context that is somewhere else. */
  void image(CommandRequest request, BuildSpec spec, ProgressLines progress) {
    if (request.has("check") || calls(request, "check")) {
      check(List.of(spec), progress);
      return;
    }
    boolean pushes = isPushed(request);
    if (pushes && spec.tags().isEmpty()) {
      throw new JcomposeException.InvalidArgument(
          "tag is needed when pushing to registry: name the image by -t");
    }
    warn(request, progress);
    String id = projects.build(spec, progress);
    String digest = id;
    if (pushes) {
      Packing packing = Packing.of(request.texts("packing"));
      digest = projects.push(spec.tags(), packing, progress).getFirst().digest();
    }
    if (request.has("quiet") && !request.is("outputStream")) {
      progress.send(Map.of("stdout", id));
    }
    String names =
        spec.tags().stream()
            .map(tag -> ImageReference.parse(tag).toString())
            .collect(Collectors.joining(","));
    progress.send(Map.of("exitCode", 0, "imageId", id, "digest", digest, "names", names));
  }

  /** By {@code --push}, or an output that is a registry. */
  public static boolean isPushed(CommandRequest request) {
    return request.has("push") || request.is("outputPush");
  }

  private static boolean calls(CommandRequest request, String what) {
    String call = request.text("call");
    if (!List.of("", "build", "check").contains(call)) {
      throw new JcomposeException.NotSupported(
          "--call " + call + " is not carried out: build and check are");
    }
    return call.equals(what);
  }

  /** The files of one image, as an archive. */
  public void files(Exchange exchange, CommandRequest request) throws IOException {
    if (request.arguments().size() != 1) {
      throw new JcomposeException.InvalidArgument("the files of one image can be asked for");
    }
    String image = request.arguments().getFirst();
    FrameOutput output = new FrameOutput(exchange.stream(200, FrameOutput.TYPE, null));
    ArchiveFrames.send(output, tar -> builds.export(image, tar));
  }

  /** What {@code image build} would build. */
  public static BuildSpec spec(CommandRequest request) {
    return new ImageBuildRequest(request).spec();
  }

  private static void warn(CommandRequest request, ProgressLines progress) {
    for (String option : LEFT_OUT) {
      if (!request.text(option).isEmpty() || !request.list(option).isEmpty()) {
        progress.warn("--" + option + " is not carried out");
      }
    }
  }

  private void check(List<BuildSpec> specs, ProgressLines progress) {
    List<String> found = new ArrayList<>();
    for (BuildSpec spec : specs) {
      for (String finding : builds.check(spec)) {
        found.add(specs.size() > 1 ? spec.name() + ": " + finding : finding);
      }
    }
    if (found.isEmpty()) {
      progress.send(Map.of("stdout", "Check complete, no warnings found."));
      return;
    }
    progress.send(Map.of("stdout", String.join("\n", found)));
    throw new JcomposeException.InvalidArgument(
        "Check complete, "
            + found.size()
            + (found.size() == 1 ? " warning has" : " warnings have")
            + " been found!");
  }

  private static BuildOptions options(CommandRequest request, Project project) {
    String memory = request.text("memory");
    return new BuildOptions(
        request.arguments(),
        request.has("with-dependencies"),
        BuildWords.args(request.list("build-arg"), project.environment()),
        request.has("no-cache"),
        request.has("pull"),
        request.has("why"),
        memory.isEmpty() ? 0 : ByteSize.parse(memory),
        BuildWords.ssh(request));
  }
}
