package io.jcompose.api.build;

import io.jcompose.api.answer.ApiError;
import io.jcompose.api.answer.FrameInput;
import io.jcompose.api.answer.FrameOutput;
import io.jcompose.api.answer.ProgressLines;
import io.jcompose.api.http.Exchange;
import io.jcompose.api.http.HijackedStream;
import io.jcompose.api.request.CommandRequest;
import io.jcompose.core.build.BuildSpec;
import io.jcompose.core.build.Builds;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;

/**
 * {@code image build -}: the context comes from the client's standard input, as frames, and is a
 * Dockerfile or an archive that has one. Thread-safe.
 */
public final class UploadedBuild {
  private final BuildEndpoints endpoints;
  private final Builds builds;

  public UploadedBuild(BuildEndpoints endpoints, Builds builds) {
    this.endpoints = endpoints;
    this.builds = builds;
  }

  /** Whether a request is one. */
  public static boolean isMeant(CommandRequest request) {
    return request.arguments().equals(List.of(ImageBuildRequest.STDIN));
  }

  public void answer(Exchange exchange, CommandRequest request) throws IOException {
    try (HijackedStream stream = exchange.hijack(FrameOutput.TYPE)) {
      FrameOutput output = new FrameOutput(stream.output());
      FrameInput input = new FrameInput(stream);
      ProgressLines progress = new ProgressLines(output::control, request.logins());
      try {
        BuildSpec spec = BuildEndpoints.spec(request);
        try (Builds.Received received = builds.receive(input)) {
          input.drain();
          Thread.ofVirtual().name("build-client").start(() -> watch(stream.input(), progress));
          endpoints.image(request, received.of(spec), progress);
        }
        progress.send(Map.of("exitCode", 0));
      } catch (RuntimeException e) {
        ApiError.log(e);
        progress.send(ApiError.members(e));
        input.drain();
      } finally {
        progress.gone();
      }
    }
  }

  /** Nothing comes any more but the end, with which the client goes. */
  private static void watch(InputStream input, ProgressLines progress) {
    byte[] part = new byte[1 << 10];
    try {
      int count = 0;
      while (count >= 0) {
        count = input.read(part);
      }
    } catch (IOException e) {
      // it is gone too
    }
    progress.gone();
  }
}
