package io.jcompose.cli.view;

import io.jcompose.cli.terminal.Consoles;
import io.jcompose.cli.terminal.Printable;
import io.jcompose.cli.wire.FlatJson;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * Takes the engine's control lines, one JSON object each: a progress step (has {@code id}), {@code
 * warning}, {@code stdout}, {@code report} of what failed, {@code attached}, {@code message} with
 * {@code exitCode} for an error, or {@code exitCode} alone for the result.
 */
public final class ControlLines implements AutoCloseable {
  private static final List<String> OF_PROJECT = List.of("Container ", "Network ", "Volume ");

  private final ProgressView view;
  private boolean viewing = true;
  private boolean attached;
  private boolean begun;
  private boolean terminal;
  private boolean ended;
  private int exitCode;
  private Map<String, String> result = Map.of();

  public ControlLines(ProgressView view) {
    this.view = view;
  }

  /**
   * Takes one line.
   *
   * @return true when the container's streams begin after it
   */
  public boolean accept(String line) throws IOException {
    Map<String, String> members = FlatJson.parse(line);
    if (members.containsKey("id")) {
      begun |= isOfProject(members);
      if (viewing) {
        view.step(members, line);
      } else if (attached && ProgressView.TOLD.contains(members.getOrDefault("status", ""))) {
        complain(LineProgress.text(members));
      }
      return false;
    }
    if (members.containsKey("warning")) {
      complain("WARN[0000] " + members.get("warning"));
    } else if (members.containsKey("stdout")) {
      close();
      String shown = Printable.text(String.valueOf(members.get("stdout"))) + "\n";
      Consoles.current().out().write(shown.getBytes(StandardCharsets.UTF_8));
    } else if (members.containsKey("report")) {
      endView(); // the last state stands above it
      complain(String.valueOf(members.get("report")));
    } else if (members.containsKey("attached")) {
      if (viewing) {
        viewing = false;
        view.leave();
      }
      attached = true;
      begun = true;
      terminal = !"false".equals(members.get("tty"));
      return true;
    } else {
      end(members);
    }
    return false;
  }

  /**
   * The result.
   *
   * @throws IOException when the engine ended without one
   */
  public int exitCode() throws IOException {
    if (!ended) {
      throw new IOException("it ended before the work was done; see its log, then try again");
    }
    return exitCode;
  }

  /** Whether a line is the result. */
  public static boolean isResult(String line) {
    return FlatJson.parse(line).containsKey("exitCode");
  }

  /** What else the result tells, as the id of what was built; empty for what it does not. */
  public String result(String member) {
    return result.getOrDefault(member, "");
  }

  /** True when the process that was attached to has a terminal. */
  public boolean isTerminal() {
    return terminal;
  }

  /** True once containers are attached to, or something of a project is made or changed. */
  public boolean isBegun() {
    return begun;
  }

  /** Not of its images, which are there before, and no warning about what will come. */
  private static boolean isOfProject(Map<String, String> members) {
    String row = members.getOrDefault("id", "");
    return !"Warning".equals(members.get("status"))
        && OF_PROJECT.stream().anyMatch(row::startsWith);
  }

  public boolean isEnded() {
    return ended;
  }

  @Override
  public void close() {
    endView();
  }

  /**
   * Ends the progress display; later steps are dropped, failures beside attached output excepted.
   */
  public void endView() {
    if (viewing) {
      viewing = false;
      view.close();
    }
  }

  private void end(Map<String, String> members) {
    close();
    ended = true;
    exitCode = Integer.parseInt(members.getOrDefault("exitCode", "0"));
    result = members;
    String message = members.get("message");
    if (message != null) {
      complain(message);
    }
  }

  private static void complain(String text) {
    Consoles.current().complain(Printable.text(text) + "\n");
  }
}
