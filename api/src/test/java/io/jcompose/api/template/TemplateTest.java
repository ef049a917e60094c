package io.jcompose.api.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.api.text.TextTable;
import io.jcompose.core.JcomposeException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The expectations are what Go's text/template and docker 28 give for the same. */
class TemplateTest {
  private static final Map<String, Object> CONTAINER = container();

  private static Map<String, Object> container() {
    Map<String, Object> labels = new LinkedHashMap<>();
    labels.put("com.example.team", "blue");
    labels.put("a", "1");
    Map<String, Object> config = new LinkedHashMap<>();
    config.put("Env", List.of("A=1", "B=two words"));
    config.put("Labels", labels);
    config.put("Tty", false);
    config.put("Entrypoint", null);
    config.put("Volumes", null);
    Map<String, Object> hostConfig = new LinkedHashMap<>();
    hostConfig.put("Links", null);
    hostConfig.put("Sysctls", Map.of());
    Map<String, Object> port = Map.of("HostIp", "0.0.0.0", "HostPort", "8080");
    Map<String, Object> ports = new LinkedHashMap<>();
    ports.put("80/tcp", List.of(port));
    ports.put("443/tcp", null);
    Map<String, Object> networks = new LinkedHashMap<>();
    networks.put("b", Map.of("IPAddress", "10.0.0.2"));
    networks.put("a", Map.of("IPAddress", "10.1.0.2"));
    Map<String, Object> root = new LinkedHashMap<>();
    root.put("Name", "/shop-web-1");
    root.put("State", Map.of("Status", "running", "Pid", 4711L, "Running", true));
    root.put("Config", config);
    root.put("HostConfig", hostConfig);
    root.put("NetworkSettings", Map.of("Ports", ports, "Networks", networks));
    root.put("RestartCount", 0);
    root.put("Nothing", null);
    return root;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '¦',
      quoteCharacter = '~',
      value = {
        "{{.Name}} ¦ /shop-web-1",
        "a{{.State.Status}}b ¦ arunningb",
        "{{ .State.Pid }} {{.State.Running}} {{.RestartCount}} ¦ 4711 true 0",
        "{{.Config.Env}} ¦ [A=1 B=two words]",
        "{{.Config.Labels}} ¦ map[a:1 com.example.team:blue]",
        "{{json .Config.Env}} ¦ [\"A=1\",\"B=two words\"]",
        "{{json .State.Pid}}{{json .Nothing}} ¦ 4711null",
        "{{.Config.Env | json}} ¦ [\"A=1\",\"B=two words\"]",
        "{{index .Config.Labels \"com.example.team\"}} ¦ blue",
        "[{{index .Config.Labels \"none\"}}] ¦ []",
        "[{{index .HostConfig.Sysctls \"none\"}}]{{range index .HostConfig.Sysctls \"none\"}}x{{end}} ¦ []",
        "{{index .NetworkSettings.Networks \"none\"}} ¦ <nil>",
        "{{index .NetworkSettings.Ports \"443/tcp\"}} ¦ <no value>",
        "{{.Config.Labels.none}} {{.Config.Labels.Health}} ¦ <no value> <no value>",
        "{{.State.Health}} {{.Config.Healthcheck}} {{.HostConfig.Init}} {{.SizeRw}} ¦ <nil> <nil> <nil> <nil>",
        "{{$x := .State.Health}}{{$x}} {{print .State.Health}} {{json .State.Health}} ¦ <nil> <nil> null",
        "{{.Config.Entrypoint}} {{.HostConfig.Links}} {{.HostConfig.Mounts}} {{.Config.OnBuild}} ¦ [] [] [] []",
        "{{.Config.Volumes}} {{.HostConfig.Tmpfs}} {{print .HostConfig.Tmpfs}} ¦ map[] map[] map[]",
        "{{json .Config.Entrypoint}} {{json .HostConfig.Tmpfs}} {{len .Config.Entrypoint}} ¦ null null 0",
        "{{or .State.Health .HostConfig.Links}} {{if .HostConfig.Tmpfs}}x{{end}}{{range .HostConfig.Links}}x{{end}}. ¦ [] .",
        "{{index .Config.Env 1}} ¦ B=two words",
        "{{(index (index .NetworkSettings.Ports \"80/tcp\") 0).HostPort}} ¦ 8080",
        "{{range .Config.Env}}<{{.}}>{{end}} ¦ <A=1><B=two words>",
        "{{range $i, $e := .Config.Env}}{{if $i}}, {{end}}{{$e}}{{end}} ¦ A=1, B=two words",
        "{{range $k, $v := .NetworkSettings.Networks}}{{$k}}={{$v.IPAddress}} {{end}}. ¦ a=10.1.0.2 b=10.0.0.2 .",
        "{{range .NetworkSettings.Networks}}{{.IPAddress}};{{end}} ¦ 10.1.0.2;10.0.0.2;",
        "{{range $p, $c := .NetworkSettings.Ports}}{{$p}}{{if $c}}:{{(index $c 0).HostPort}}{{end}} {{end}}. ¦ 443/tcp 80/tcp:8080 .",
        "{{range .Nothing}}x{{else}}none{{end}} ¦ none",
        "{{range .Config.Env}}{{if eq . \"A=1\"}}{{continue}}{{end}}{{.}}{{end}} ¦ B=two words",
        "{{range .Config.Env}}{{.}}{{break}}{{end}} ¦ A=1",
        "{{if .State.Health}}{{.State.Health.Status}}{{else}}no check{{end}} ¦ no check",
        "{{if eq .State.Status \"exited\" \"running\"}}yes{{end}} ¦ yes",
        "{{if and .State.Running (gt .State.Pid 4000)}}up{{end}} ¦ up",
        "{{if or .Config.Tty (not .State.Running)}}a{{else if .State.Running}}b{{else}}c{{end}} ¦ b",
        "{{with .State}}{{.Status}} of {{$.Name}}{{end}} ¦ running of /shop-web-1",
        "{{with .Nothing}}x{{else}}y{{end}} ¦ y",
        "{{$x := 1}}{{range .Config.Env}}{{$x = .}}{{end}}{{$x}} ¦ B=two words",
        "{{upper .State.Status}} {{title \"a bee\"}} {{lower \"AB\"}} ¦ RUNNING A Bee ab",
        "{{join .Config.Env \", \"}} ¦ A=1, B=two words",
        "{{split .Name \"-\"}} {{len .Config.Env}} ¦ [/shop web 1] 2",
        "{{slice .Name 1 5}} {{truncate .Name 3}} ¦ shop /sh",
        "{{printf \"%-5s|%3d|%q|%.2f%%\" \"ab\" 7 \"x\" 1.5}} ¦ ab   |  7|\"x\"|1.50%",
        "{{print 1 2 \"a\" 3}} ¦ 1 2a3",
        "{{.Name | printf \"%s is %s\" \"it\"}} ¦ it is /shop-web-1",
        "a {{- /* why */ -}} b ¦ ab",
        "a {{- .RestartCount -}} b ¦ a0b",
        "{{\"\\t\" | printf \"%q\"}} ¦ \"\t\"",
        "{{`raw {{ \\`}} ¦ raw {{ \\",
        "{{ne 1 2}}{{lt 1 2}}{{le 2 2}}{{ge 1 2}} ¦ truetruetruefalse",
        "{{true}} {{nil | json}} {{-5}} {{1.5}} ¦ true null -5 1.5",
        "no braces } { }} ¦ no braces } { }}"
      })
  void rendersAsGoDoes(String template, String expected) {
    assertThat(Template.of(template).render(CONTAINER)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '¦',
      quoteCharacter = '~',
      value = {
        "{{.Nmae}} ¦ template: :1:3: executing \"\" at <.Nmae>: map has no entry for key \"Nmae\"; did you mean Name?",
        "ab{{.State.Statsu}} ¦ template: :1:5: executing \"\" at <.State.Statsu>: map has no entry for key \"Statsu\"; did you mean Status?",
        "{{.State.Health.Status}} ¦ template: :1:3: executing \"\" at <.State.Health.Status>: nil data; no entry for key \"Status\"",
        "{{.Name.First}} ¦ template: :1:3: executing \"\" at <.Name.First>: can't evaluate field First in type string",
        "{{jsn .}} ¦ template parsing error: template: :1:3: function \"jsn\" not defined; did you mean json?",
        "{{.Name ¦ template parsing error: template: :1:1: unclosed action",
        "{{if .Name}}x ¦ template parsing error: template: :1:13: unexpected EOF: {{end}} is missing",
        "x{{end}} ¦ template parsing error: template: :1:2: unexpected {{end}}",
        "{{.Name}}{{else}} ¦ template parsing error: template: :1:10: unexpected {{else}}",
        "{{\"x}} ¦ template parsing error: template: :1:3: unterminated quoted string",
        "{{}} ¦ template parsing error: template: :1:3: missing value for command",
        "{{.Name %}} ¦ template parsing error: template: :1:9: unexpected \"%\" in operand",
        "{{template \"x\"}} ¦ template parsing error: template: :1:1: {{template}} is not supported",
        "{{break}} ¦ template parsing error: template: :1:8: {{break}} outside {{range}}",
        "{{index .Config.Env 9}} ¦ template: :1:3: executing \"\" at <index>: error calling index: index out of range: 9",
        "{{upper 5}} ¦ template: :1:3: executing \"\" at <upper>: error calling upper: argument 1 must be a text, not int",
        "{{eq 1 \"1\"}} ¦ template: :1:3: executing \"\" at <eq>: error calling eq: incompatible types for comparison",
        "{{pad \"x\" 99999999 1}} ¦ template: :1:3: executing \"\" at <pad>: error calling pad: argument 2 must be a number up to 10000"
      })
  void whatIsWrongIsToldWithItsColumn(String template, String expected) {
    assertThatThrownBy(() -> Template.of(template).render(CONTAINER))
        .isInstanceOf(JcomposeException.InvalidArgument.class)
        .hasMessage(expected);
  }

  @Test
  void aListHasALineForEachRowAndATableItsHeadings() {
    List<Map<String, Object>> rows =
        List.of(
            Map.of("Name", "a", "CreatedAt", "now"),
            Map.of("Name", "a-very-long-name", "CreatedAt", "then"));
    assertThat(Template.ofList("{{.Name}}:{{.CreatedAt}}").renderList(rows, Map.of()))
        .isEqualTo("a:now\na-very-long-name:then\n");
    assertThat(
            Template.ofList("table {{.Name}}\\t{{.CreatedAt}}")
                .renderList(rows, Map.of("Name", "NAMES")))
        .isEqualTo(
            "NAMES              CREATED AT\n"
                + "a                  now\n"
                + "a-very-long-name   then\n");
    assertThat(Template.ofList("table {{.Name}}").renderList(List.of(), Map.of("Name", "NAMES")))
        .isEqualTo("NAMES\n");
  }

  @Test
  void whatItMakesIsBounded() {
    List<Long> many = new ArrayList<>();
    for (long i = 0; i < 2000; i++) {
      many.add(i);
    }
    Map<String, Object> value = Map.of("L", many);
    String inner = "{{range $.L}}{{range $.L}}{{.}}{{end}}{{end}}";
    for (String template :
        List.of(
            inner,
            "{{range .L}}{{pad \"x\" 10000 10000}}{{end}}",
            "{{$a := \"x\"}}" + "{{$a = print $a $a}}".repeat(27) + "{{len $a}}",
            doubled(21) + "{{len (print" + " $a".repeat(500) + ")}}",
            doubled(20) + "{{len (split $a \"\")}}",
            doubled(11) + "{{$b := split $a \"x\"}}{{len (join $b (join $b $a))}}",
            doubled(20) + "{{len (json (json $a))}}",
            doubled(1) + "{{$a = printf \"" + "%9999s".repeat(450) + "\"}}",
            "{{range .L}}{{range $.L}}{{if (not .)}}{{end}}{{end}}{{end}}")) {
      assertThatThrownBy(() -> Template.of(template).render(value))
          .isInstanceOf(JcomposeException.InvalidArgument.class)
          .hasMessage("the template makes more than can be shown");
    }
    for (String nested :
        List.of(
            "{{if 1}}".repeat(5000),
            "{{" + "(".repeat(5000) + "1}}",
            "{{if 1}}" + "{{else if 1}}".repeat(3000))) {
      assertThatThrownBy(() -> Template.of(nested)).hasMessageContaining("more than 50");
    }
    assertThatThrownBy(() -> Template.of("x".repeat(100_000))).hasMessageContaining("longer than");
  }

  /** A template that makes a text of two to that power letters. */
  private static String doubled(int times) {
    return "{{$a := \"x\"}}" + "{{$a = print $a $a}}".repeat(times);
  }

  @Test
  void aLongValueIsShown() {
    String text = "\u0001" + "x".repeat(3_000_000);
    assertThat(Template.of("{{json .}}").render(Map.of("A", text))).hasSize(3_000_000 + 14);
  }

  @Test
  void whatItMakesOfAllRowsIsBounded() {
    Map<String, Object> row = Map.of("A", "x".repeat(1 << 20), "B", "y");
    List<Map<String, Object>> rows = Collections.nCopies(100, row);
    for (String template : List.of("{{.A}}", "table {{.A}}\t{{.B}}")) {
      assertThatThrownBy(() -> Template.ofList(template).renderList(rows, Map.of()))
          .hasMessage("the template makes more than can be shown");
    }
    assertThatThrownBy(() -> Template.of("{{.A}}").renderEach(rows))
        .hasMessage("the template makes more than can be shown");
  }

  @Test
  void oneWideCellMakesNoOtherRowLong() {
    List<Map<String, Object>> rows = new ArrayList<>(Collections.nCopies(1000, Map.of("A", "x")));
    rows.add(Map.of("A", "x".repeat(1 << 20)));
    assertThat(Template.ofList("table {{.A}}\t.").renderList(rows, Map.of()))
        .hasSizeLessThan(3 << 20)
        .contains("x".repeat(500) + "   .\n");
    TextTable table = new TextTable(10, "A", "B");
    rows.forEach(each -> table.add(String.valueOf(each.get("A")), "."));
    assertThat(table.toString()).hasSizeLessThan(3 << 20);
  }

  /** Whatever somebody types: an answer or one kind of error. */
  @Test
  void nothingElseIsEverThrown() {
    String[] parts = {
      "{{",
      "}}",
      "{{-",
      "-}}",
      " ",
      ".",
      ".Name",
      "$",
      "$x",
      ":=",
      "=",
      "|",
      "(",
      ")",
      "if",
      "else",
      "end",
      "range",
      "with",
      "break",
      "json",
      "index",
      "and",
      "\"a\"",
      "`",
      "\"",
      "\\",
      "1",
      "-1",
      ",",
      "/*",
      "*/",
      "printf",
      "%d",
      ".Config.Env",
      "x",
      "nil",
      "\n",
      "é",
      "1e999999999",
      "..",
      ".a."
    };
    Random random = new Random(20261128);
    for (int i = 0; i < 30_000; i++) {
      StringBuilder text = new StringBuilder(random.nextInt(3) == 0 ? "" : "{{");
      for (int n = random.nextInt(12); n >= 0; n--) {
        text.append(parts[random.nextInt(parts.length)]);
      }
      try {
        assertThat(Template.of(text.toString()).render(CONTAINER)).isNotNull();
      } catch (JcomposeException.InvalidArgument e) {
        assertThat(e.getMessage()).isNotEmpty();
      }
    }
  }
}
