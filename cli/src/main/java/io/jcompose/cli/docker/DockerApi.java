package io.jcompose.cli.docker;

import io.jcompose.cli.command.Invocation;
import io.jcompose.cli.request.Engines;
import io.jcompose.cli.terminal.CommandFailure;
import io.jcompose.cli.wire.FlatJson;
import io.jcompose.cli.wire.HttpAnswer;
import io.jcompose.cli.wire.Json;
import io.jcompose.cli.wire.JsonTree;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Calls Docker's API of the engine that a command means; a connection each. Immutable. */
final class DockerApi {
  static final String SAID = "Error response from daemon: ";
  private static final int FAILURE = 400;

  private final Invocation invocation;

  DockerApi(Invocation invocation) {
    this.invocation = invocation;
  }

  /**
   * A call.
   *
   * @param query values that are empty are left out
   * @param headers lines of the head, each with its line's end
   * @param body of JSON; empty for none
   * @param upgrade takes the connection over
   */
  record Request(
      String method,
      String path,
      Map<String, String> query,
      String headers,
      Object body,
      boolean upgrade) {
    static Request get(String path) {
      return new Request("GET", path, Map.of(), "", "", false);
    }

    static Request post(String path, Map<String, String> query) {
      return new Request("POST", path, query, "", "", false);
    }

    static Request post(String path, Map<String, String> query, Map<String, ?> body) {
      return new Request("POST", path, query, "", body, false);
    }

    Request taken() {
      return new Request(method, path, query, headers, body, true);
    }

    Request with(String more) {
      return new Request(method, path, query, headers + more, body, upgrade);
    }

    private String target() {
      StringBuilder target = new StringBuilder(path);
      char separator = '?';
      for (Map.Entry<String, String> one : query.entrySet()) {
        if (!one.getValue().isEmpty()) {
          target.append(separator).append(one.getKey()).append('=');
          target.append(URLEncoder.encode(one.getValue(), StandardCharsets.UTF_8));
          separator = '&';
        }
      }
      return target.toString();
    }
  }

  /** A part of a path. */
  static String part(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  /**
   * The answer, to be read and closed.
   *
   * @throws CommandFailure in docker's words when the engine refuses
   */
  HttpAnswer open(Request request) throws IOException {
    String body =
        request.body instanceof String text ? text : new Json().value(request.body).toString();
    HttpAnswer answer =
        Engines.of(invocation)
            .request(request.method, request.target(), request.headers, body, request.upgrade);
    if (answer.status() < FAILURE) {
      return answer;
    }
    try (answer) {
      throw new CommandFailure(SAID + message(answer.text()), 1, answer.status());
    }
  }

  /** The whole answer. */
  String text(Request request) throws IOException {
    try (HttpAnswer answer = open(request)) {
      return answer.text();
    }
  }

  /** The answer as an object. */
  Map<String, Object> object(Request request) throws IOException {
    return JsonTree.parse(text(request));
  }

  private static String message(String body) {
    try {
      return FlatJson.parse(body).getOrDefault("message", body.strip());
    } catch (IllegalArgumentException e) {
      return body.strip();
    }
  }
}
