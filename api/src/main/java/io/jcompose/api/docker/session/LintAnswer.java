package io.jcompose.api.docker.session;

import io.jcompose.api.text.JsonText;
import io.jcompose.core.build.BuildSpec;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the check of a Dockerfile found, as BuildKit's {@code frontend.lint} answers. */
final class LintAnswer {
  private static final Pattern FINDING =
      Pattern.compile("([^:]+):(\\d+):\\d+: (\\w+): (.*)", Pattern.DOTALL);

  private LintAnswer() {}

  static Map<String, byte[]> of(List<String> lines, BuildSpec spec, byte[] dockerfile) {
    List<Map<String, Object>> warnings = new ArrayList<>();
    for (String line : lines) {
      Matcher finding = FINDING.matcher(line);
      if (finding.matches()) {
        Map<String, Object> at = Map.of("line", Integer.parseInt(finding.group(2)));
        Map<String, Object> warning = new LinkedHashMap<>();
        warning.put("ruleName", finding.group(3));
        warning.put("detail", finding.group(4));
        warning.put("location", Map.of("ranges", List.of(Map.of("start", at, "end", at))));
        warnings.add(warning);
      }
    }
    String file = spec.dockerfile().substring(spec.dockerfile().lastIndexOf('/') + 1);
    Map<String, Object> source =
        Map.of(
            "filename",
            file.isEmpty() ? "Dockerfile" : file,
            "data",
            dockerfile,
            "language",
            "Dockerfile");
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("warnings", warnings);
    answer.put("sources", List.of(source));
    return Map.of(
        "result.json", utf8(JsonText.of(answer)),
        "result.txt", utf8(String.join("\n", lines) + "\n"),
        "result.statuscode", utf8(lines.isEmpty() ? "0" : "1"),
        "version", utf8("0.2.0"));
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
