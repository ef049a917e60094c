package io.jcompose.api.docker.call;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which method and path is answered by what. A template's <code>{id}</code> is one part of a path,
 * <code>{name*}</code> several; the first template that fits is taken. Not changed once it is used.
 */
public final class Routes {
  private static final Pattern VARIABLE = Pattern.compile("\\{([a-z]+)(\\*?)}");

  private final List<Route> routes = new ArrayList<>();

  /** Answers a call. */
  @FunctionalInterface
  public interface Work {
    void answer(Call call) throws IOException;
  }

  /** One method and template. */
  public record Route(
      String method, String template, Pattern pattern, List<String> names, Work work) {
    /** How it is counted: clients of one kind must leave room for those of others. */
    public String kind() {
      return method + " " + template;
    }
  }

  /** What fits a request. */
  public record Found(Route route, Map<String, String> names) {}

  public Routes get(String template, Work work) {
    return add("GET", template, work);
  }

  public Routes post(String template, Work work) {
    return add("POST", template, work);
  }

  public Routes delete(String template, Work work) {
    return add("DELETE", template, work);
  }

  public Routes add(String method, String template, Work work) {
    StringBuilder pattern = new StringBuilder();
    List<String> names = new ArrayList<>();
    Matcher variables = VARIABLE.matcher(template);
    int end = 0;
    while (variables.find()) {
      pattern.append(Pattern.quote(template.substring(end, variables.start())));
      pattern.append(variables.group(2).isEmpty() ? "([^/]+)" : "(.+)");
      names.add(variables.group(1));
      end = variables.end();
    }
    pattern.append(Pattern.quote(template.substring(end)));
    routes.add(
        new Route(method, template, Pattern.compile(pattern.toString()), List.copyOf(names), work));
    return this;
  }

  /**
   * The route for a request.
   *
   * @param path decoded, without a version
   */
  public Optional<Found> find(String method, String path) {
    for (Route route : routes) {
      Matcher matcher = route.pattern.matcher(path);
      if (route.method.equals(method) && matcher.matches()) {
        Map<String, String> names = new LinkedHashMap<>();
        for (int i = 0; i < route.names.size(); i++) {
          names.put(route.names.get(i), matcher.group(i + 1));
        }
        return Optional.of(new Found(route, names));
      }
    }
    return Optional.empty();
  }
}
