package io.jcompose.build.cause;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jcompose.build.context.FileList;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A build's inputs as a file has them: a line of JSON for each stage, step, input and file, each
 * belonging to the last of the kind above it.
 */
final class PastText {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Map<String, PastBuild.Stage> stages = new LinkedHashMap<>();
  private final FileList.Room room;
  private @Nullable ObjectNode stage;
  private @Nullable JsonNode step;
  private @Nullable JsonNode input;
  private List<StepInputs> steps = new ArrayList<>();
  private List<Input> inputs = new ArrayList<>();
  private Map<String, String> files = new LinkedHashMap<>();

  private PastText(FileList.Room room) {
    this.room = room;
  }

  /**
   * @param withFiles the names of files, too
   */
  static byte[] of(PastBuild build, boolean withFiles) {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    build
        .stages()
        .forEach(
            (name, stage) -> {
              line(text, object().put("stage", name).put("base", stage.base()));
              stage.steps().forEach(step -> step(text, step, withFiles));
            });
    return text.toByteArray();
  }

  private static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  private static void step(ByteArrayOutputStream text, StepInputs step, boolean withFiles) {
    line(
        text,
        object()
            .put("step", step.text())
            .put("keyword", step.keyword())
            .put("below", step.below())
            .put("done", step.done()));
    for (Input input : step.inputs()) {
      line(
          text,
          object()
              .put("input", input.name())
              .put("digest", input.digest())
              .put("shown", input.shown())
              .put("folders", input.ofFolders()));
      if (withFiles) {
        input
            .files()
            .forEach((path, what) -> line(text, object().put("file", path).put("is", what)));
      }
    }
  }

  private static void line(ByteArrayOutputStream text, ObjectNode node) {
    try {
      text.writeBytes(JSON.writeValueAsBytes(node));
      text.write('\n');
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * @param room of what there is none left, the files are left out
   * @throws IOException for a text that is damaged
   */
  static PastBuild parse(BufferedReader lines, FileList.Room room) throws IOException {
    PastText text = new PastText(room);
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      text.take(JSON.readTree(line));
    }
    text.endStage();
    return new PastBuild(text.stages);
  }

  private void take(JsonNode node) throws IOException {
    if (node.has("stage") && node instanceof ObjectNode head) {
      endStage();
      stage = head;
    } else if (node.has("step")) {
      endStep();
      step = node;
    } else if (node.has("input")) {
      endInput();
      input = node;
    } else if (node.has("file")) {
      String path = node.path("file").asText();
      if (room.take(path)) {
        files.put(path, node.path("is").asText());
      }
    } else {
      throw new IOException("a line is nothing that is known");
    }
  }

  private void endInput() {
    JsonNode one = input;
    if (one != null) {
      inputs.add(
          new Input(
              one.path("input").asText(),
              one.path("digest").asText(),
              one.path("shown").isTextual() ? one.path("shown").asText() : null,
              files,
              one.path("folders").asBoolean()));
    }
    input = null;
    files = new LinkedHashMap<>();
  }

  private void endStep() {
    endInput();
    JsonNode one = step;
    if (one != null) {
      steps.add(
          new StepInputs(
              one.path("keyword").asText(),
              one.path("step").asText(),
              one.path("below").asText(),
              inputs,
              one.path("done").asBoolean()));
    }
    step = null;
    inputs = new ArrayList<>();
  }

  private void endStage() {
    endStep();
    ObjectNode one = stage;
    if (one != null) {
      stages.put(one.path("stage").asText(), new PastBuild.Stage(one.path("base").asText(), steps));
    }
    stage = null;
    steps = new ArrayList<>();
  }
}
