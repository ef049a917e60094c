package io.jcompose.api.host;

import io.jcompose.api.answer.ApiError;
import io.jcompose.api.answer.ArchiveFrames;
import io.jcompose.api.answer.FrameInput;
import io.jcompose.api.answer.FrameOutput;
import io.jcompose.api.http.Exchange;
import io.jcompose.api.http.HijackedStream;
import io.jcompose.api.request.CommandRequest;
import io.jcompose.core.Images;
import io.jcompose.core.Images.Import;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.build.Packing;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;

/**
 * {@code image save|load|import}: archives as frames. The client reads and writes its own files.
 */
final class ImageArchives {
  private final Images images;

  ImageArchives(Images images) {
    this.images = images;
  }

  /** What is done with an archive; returns the lines to print. */
  private interface Work {
    List<String> of(InputStream archive);
  }

  /** Answers an endpoint of these; false for any other name. */
  boolean answer(String name, Exchange exchange, CommandRequest request) throws IOException {
    switch (name) {
      case "image/save" -> save(exchange, request);
      case "image/load" -> take(exchange, this::load);
      case "image/import" -> take(exchange, archive -> importRoot(request, archive));
      default -> {
        return false;
      }
    }
    return true;
  }

  private void save(Exchange exchange, CommandRequest request) throws IOException {
    List<String> words = request.arguments();
    if (words.isEmpty()) {
      throw new JcomposeException.InvalidArgument("save needs the name of an image");
    }
    boolean built = request.is("export");
    Images.Export export =
        new Images.Export(
            words.getFirst(),
            request.members("exportNames"),
            Packing.of(request.texts("packing")),
            request.is("exportDockers"));
    FrameOutput output = new FrameOutput(exchange.stream(200, FrameOutput.TYPE, null));
    ArchiveFrames.send(
        output,
        tar -> {
          if (built) {
            images.export(export, tar);
          } else {
            images.save(words, tar);
          }
        });
  }

  private static void take(Exchange exchange, Work work) throws IOException {
    try (HijackedStream stream = exchange.hijack(FrameOutput.TYPE)) {
      FrameOutput output = new FrameOutput(stream.output());
      FrameInput input = new FrameInput(stream);
      try {
        List<String> lines = work.of(input);
        input.drain();
        for (String line : lines) {
          output.control(Map.of("stdout", line));
        }
        output.control(Map.of("exitCode", 0));
      } catch (RuntimeException e) {
        ApiError.log(e);
        output.control(ApiError.members(e));
        input.drain();
      }
    }
  }

  private List<String> load(InputStream archive) {
    return images.load(archive).stream()
        .map(
            one ->
                one.reference().isEmpty()
                    ? "Loaded image ID: " + one.id()
                    : "Loaded image: " + one.reference())
        .toList();
  }

  private List<String> importRoot(CommandRequest request, InputStream archive) {
    List<String> words = request.arguments();
    if (words.isEmpty() || words.size() > 2) {
      throw new JcomposeException.InvalidArgument(
          "import needs an archive, and takes a name for the image");
    }
    String message = request.text("message");
    Import options =
        new Import(
            words.size() > 1 ? words.get(1) : "",
            request.list("change"),
            message.isEmpty() ? "Imported from " + words.getFirst() : message,
            request.text("platform"));
    return List.of(images.importRoot(archive, options));
  }
}
