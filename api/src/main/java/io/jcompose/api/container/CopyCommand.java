package io.jcompose.api.container;

import io.jcompose.api.answer.ApiError;
import io.jcompose.api.answer.ArchiveFrames;
import io.jcompose.api.answer.FrameInput;
import io.jcompose.api.answer.FrameOutput;
import io.jcompose.api.http.Exchange;
import io.jcompose.api.http.HijackedStream;
import io.jcompose.api.request.CommandRequest;
import io.jcompose.api.request.ContainerRefs;
import io.jcompose.api.text.HumanText;
import io.jcompose.core.ContainerView;
import io.jcompose.core.Contents;
import io.jcompose.core.JcomposeException;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * {@code cp} and {@code export}: tar archives out of containers and into them, as frames. The
 * client reads and writes its own files.
 */
final class CopyCommand {
  private final Contents contents;
  private final ContainerRefs refs;

  CopyCommand(Contents contents, ContainerRefs refs) {
    this.contents = contents;
    this.refs = refs;
  }

  /** The containers that a copy into a service goes to, one id a line. */
  String targets(CommandRequest request) {
    List<ContainerView> views = refs.all(request, request.arguments().getFirst());
    return String.join("", views.stream().map(view -> view.id() + "\n").toList());
  }

  /** Arguments: the service, and the path. First a line that tells what it is, then the archive. */
  void out(Exchange exchange, CommandRequest request) throws IOException {
    List<String> words = request.arguments();
    ContainerView view = refs.ofService(request, words.get(0));
    try (Contents.Archive archive =
        contents.open(view.id(), words.get(1), request.has("follow-link"))) {
      FrameOutput output = new FrameOutput(exchange.stream(200, FrameOutput.TYPE, null));
      Map<String, Object> what = new LinkedHashMap<>();
      what.put("archive", archive.name());
      what.put("directory", archive.isDirectory());
      what.put("container", view.name());
      output.control(what);
      ArchiveFrames.send(output, archive::writeTo);
    }
  }

  /** Arguments: a container's id from {@link #targets}, and the path. */
  void in(Exchange exchange, CommandRequest request) throws IOException {
    List<String> words = request.arguments();
    Contents.Destination destination =
        new Contents.Destination(
            words.get(1),
            request.member("sourceName"),
            request.is("sourceDirectory"),
            request.has("archive"));
    try (HijackedStream stream = exchange.hijack(FrameOutput.TYPE)) {
      FrameOutput output = new FrameOutput(stream.output());
      FrameInput input = new FrameInput(stream);
      try {
        contents.write(words.get(0), destination, input);
        input.drain();
        output.control(Map.of("exitCode", 0));
      } catch (RuntimeException e) {
        ApiError.log(e);
        output.control(ApiError.members(e));
        input.drain();
      }
    }
  }

  void export(Exchange exchange, CommandRequest request) throws IOException {
    ContainerView view = refs.any(request, request.arguments().getFirst());
    FrameOutput output = new FrameOutput(exchange.stream(200, FrameOutput.TYPE, null));
    ArchiveFrames.send(output, tar -> contents.export(view.id(), tar));
  }

  /** Makes an image of a container; the answer is its id. */
  String commit(CommandRequest request, BooleanSupplier isGivenUp) {
    List<String> words = request.arguments();
    if (words.isEmpty() || words.size() > 2) {
      throw new JcomposeException.InvalidArgument(
          "commit needs a service, and takes a name for the image");
    }
    Contents.Commit commit =
        new Contents.Commit(
            words.size() > 1 ? words.get(1) : "",
            request.text("author"),
            request.text("message"),
            !request.text("pause").equals("false"),
            request.list("change"));
    return contents.commit(refs.any(request, words.getFirst()).id(), commit, isGivenUp) + "\n";
  }

  /** The lines of {@code diff}. */
  String diff(CommandRequest request) {
    ContainerView view = refs.any(request, word(request));
    StringBuilder text = new StringBuilder();
    for (Contents.Change change : contents.changes(view.id())) {
      text.append(line(change)).append('\n');
    }
    return text.toString();
  }

  /** The container chose the file's name. */
  static String line(Contents.Change change) {
    String kind =
        switch (change.kind()) {
          case MODIFIED -> "C";
          case ADDED -> "A";
          case DELETED -> "D";
        };
    return kind + " " + HumanText.visible(change.path());
  }

  private static String word(CommandRequest request) {
    if (request.arguments().size() != 1) {
      throw new JcomposeException.InvalidArgument("name one service or container");
    }
    return request.arguments().getFirst();
  }
}
