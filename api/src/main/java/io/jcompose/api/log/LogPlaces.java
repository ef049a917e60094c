package io.jcompose.api.log;

import io.jcompose.api.answer.FrameOutput;
import io.jcompose.api.request.CommandRequest;
import io.jcompose.core.ContainerView;
import io.jcompose.core.Containers.LogPlace;
import io.jcompose.core.Containers.LogQuery;
import io.jcompose.core.JcomposeException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * How far a client has come in the logs that it follows, so that it can go on with another engine
 * without losing or repeating a line. After each line it is told the place behind it, and shows a
 * line only then; when the engine is gone, it hands the places over to the next. Immutable.
 *
 * @param wanted false for a client that does not ask for them
 * @param began when the client was called, in milliseconds
 * @param known by the ids of containers
 */
record LogPlaces(boolean wanted, long began, Map<String, LogPlace> known) {
  static LogPlaces of(CommandRequest request) {
    Map<String, LogPlace> known = new HashMap<>();
    request.texts("places").forEach((id, text) -> known.put(id, parse(text)));
    return new LogPlaces(request.is("resumes"), request.time("began"), known);
  }

  /** What to read of a container's log at first. */
  LogQuery first(ContainerView view, LogQuery asked) {
    LogPlace place = known.get(view.id());
    if (place != null) {
      return asked.from(place);
    }
    boolean isNew = wanted && view.createdAt().toEpochMilli() >= began;
    return isNew ? asked.from(new LogPlace(0, 0)) : asked;
  }

  /** Shows a line and tells the place behind it. */
  void show(FrameOutput output, int stream, byte[] line, String id, LogPlace end)
      throws IOException {
    if (!wanted) {
      output.write(stream, line);
      return;
    }
    ByteArrayOutputStream both = new ByteArrayOutputStream(line.length + 128);
    FrameOutput.frame(both, stream, line);
    FrameOutput.frame(both, FrameOutput.PLACE, text(id, end));
    output.write(both.toByteArray());
  }

  /** Tells a place that no line was shown before. */
  void tell(FrameOutput output, String id, LogPlace place) throws IOException {
    if (wanted) {
      output.write(FrameOutput.PLACE, text(id, place));
    }
  }

  private static byte[] text(String id, LogPlace place) {
    String text = id + " " + place.inode() + " " + place.offset();
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static LogPlace parse(String text) {
    int space = text.indexOf(' ');
    try {
      return new LogPlace(
          Long.parseLong(text.substring(0, Math.max(0, space))),
          Long.parseLong(text.substring(space + 1)));
    } catch (NumberFormatException e) {
      throw new JcomposeException.InvalidArgument("not a place in a log: " + text, e);
    }
  }
}
