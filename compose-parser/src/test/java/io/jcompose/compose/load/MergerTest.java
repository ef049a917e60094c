package io.jcompose.compose.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.compose.tree.Node;
import io.jcompose.compose.tree.Node.ListNode;
import io.jcompose.compose.tree.Node.MapNode;
import io.jcompose.compose.tree.Node.Scalar;
import io.jcompose.compose.tree.Problems;
import io.jcompose.compose.tree.YamlReader;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The rules of the Compose Specification's page on merging, on trees in long form. */
class MergerTest {
  private final Problems problems = new Problems();

  private MapNode read(String yaml) {
    List<Node> documents = YamlReader.read("f", yaml, problems);
    problems.check();
    return (MapNode) documents.getFirst();
  }

  private String merged(String base, String over) {
    return merged(base, over, false, false);
  }

  private String merged(String base, String over, boolean keepsDirectives, boolean raw) {
    Merger merger = new Merger(problems, keepsDirectives, raw);
    return shown(merger.merge(read(base), read(over), "service", "services.a"));
  }

  private static String shown(Node node) {
    return switch (node) {
      case MapNode map -> {
        TreeMap<String, String> all = new TreeMap<>();
        map.entries.forEach((key, value) -> all.put(key, shown(value)));
        yield all.toString();
      }
      case ListNode list -> {
        List<String> all = new ArrayList<>();
        list.items.forEach(item -> all.add(shown(item)));
        yield all.toString();
      }
      case Scalar scalar -> scalar.isNull() ? "null" : scalar.text();
    };
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // single values are replaced, mappings merged, an empty value changes nothing
        "{image: a} | {image: b} | {image=b}",
        "{image: a} | {user: b} | {image=a, user=b}",
        "{image: a} | {image: } | {image=a}",
        "{image: } | {image: b} | {image=b}",
        "{healthcheck: {retries: 1, timeout: 2s}} | {healthcheck: {retries: 3}} | {healthcheck={retries=3, timeout=2s}}",
        // commands are whole
        "{command: [a, b]} | {command: [c]} | {command=[c]}",
        "{entrypoint: [a]} | {entrypoint: } | {entrypoint=null}",
        "{healthcheck: {test: [a]}} | {healthcheck: {test: [b]}} | {healthcheck={test=[b]}}",
        // lists are joined, and each thing is once in them
        "{dns: [a, b]} | {dns: [b, c]} | {dns=[a, b, c]}",
        "{expose: ['80']} | {expose: ['81', '80']} | {expose=[80, 81]}",
        "{cap_add: [A]} | {cap_add: [B]} | {cap_add=[A, B]}",
        "{tmpfs: ['/a:size=1']} | {tmpfs: ['/a:size=2', /b]} | {tmpfs=[/a:size=2, /b]}",
        "{x-own: [a]} | {x-own: [a, b]} | {x-own=[a, a, b]}",
        "{networks: {n: {aliases: [a]}}} | {networks: {n: {aliases: [b, a]}}} | {networks={n={aliases=[a, b]}}}",
        "{build: {tags: [a]}} | {build: {tags: [a, b]}} | {build={tags=[a, b]}}",
        "{healthcheck: {x-own: [a]}} | {healthcheck: {x-own: [a]}} | {healthcheck={x-own=[a, a]}}",
        "{dns: [[a]]} | {dns: [[a]]} | {dns=[[a], [a]]}",
        "{ports: [{target: 80, protocol: tcp}]} | {ports: [{target: 80, protocol: tcp, mode: host}]} | {ports=[{mode=host, protocol=tcp, target=80}]}",
        "{ports: [{target: 80, protocol: tcp}]} | {ports: [{target: 80, protocol: udp}]} | {ports=[{protocol=tcp, target=80}, {protocol=udp, target=80}]}",
        "{ports: [{target: 80, host_ip: '1'}]} | {ports: [{target: 80, published: '9'}]} | {ports=[{host_ip=1, target=80}, {published=9, target=80}]}",
        "{volumes: [{target: /d/, source: a}]} | {volumes: [{target: /d, source: b}]} | {volumes=[{source=b, target=/d}]}",
        "{volumes: [{target: /d}]} | {volumes: [{target: /e}]} | {volumes=[{target=/d}, {target=/e}]}",
        "{devices: [{source: a, target: /d}]} | {devices: [{source: b, target: /d}]} | {devices=[{source=b, target=/d}]}",
        "{devices: [{count: 1}]} | {devices: [{count: 1}]} | {devices=[{count=1}, {count=1}]}",
        "{configs: [{source: a}]} | {configs: [{source: a, mode: 1}]} | {configs=[{mode=1, source=a}]}",
        "{configs: [{source: a, target: /t}]} | {configs: [{source: b, target: /t}]} | {configs=[{source=b, target=/t}]}",
        "{secrets: [{source: a}]} | {secrets: [{source: b, target: /run/secrets/a}]} | {secrets=[{source=b, target=/run/secrets/a}]}",
        "{configs: [{source: a}]} | {configs: [{source: b, target: /run/secrets/a}]} | {configs=[{source=a}, {source=b, target=/run/secrets/a}]}",
        "{env_file: [{path: a}]} | {env_file: [{path: a, required: false}, {path: b}]} | {env_file=[{path=a, required=false}, {path=b}]}",
        // pairs are mappings, in which nothing is a value
        "{environment: {A: 1, B: 2}} | {environment: {A: 3, C: }} | {environment={A=3, B=2, C=null}}",
        "{environment: {A: 1}} | {environment: {A: }} | {environment={A=null}}",
        "{labels: {a: x}} | {labels: {a: y}} | {labels={a=y}}",
        // a limit is one thing, and options belong to their driver
        "{ulimits: {nofile: {soft: 1, hard: 2}}} | {ulimits: {nofile: {soft: 3}}} | {ulimits={nofile={soft=3}}}",
        "{logging: {driver: a, options: {x: 1}}} | {logging: {driver: b}} | {logging={driver=b}}",
        "{logging: {driver: a, options: {x: 1}}} | {logging: {options: {y: 2}}} | {logging={driver=a, options={x=1, y=2}}}",
        "{logging: {options: {x: 1}}} | {logging: {driver: b}} | {logging={driver=b, options={x=1}}}",
        "{logging: {driver: a, options: {x: 1}}} | {logging: {driver: a}} | {logging={driver=a, options={x=1}}}",
        // what nobody knows may change its kind
        "{x-own: a} | {x-own: {b: 1}} | {x-own={b=1}}",
        "{x-own: {a: 1}} | {x-own: {b: {c: 2}}} | {x-own={a=1, b={c=2}}}"
      })
  void aLaterFileIsOverAnEarlierOne(String base, String over, String expected) {
    assertThat(merged(base, over)).isEqualTo(expected);
    problems.check();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{image: a, user: b} | {image: !reset null} | {user=b}",
        "{dns: [a]} | {dns: !reset []} | {}",
        "{dns: [a]} | {dns: !override [b]} | {dns=[b]}",
        "{environment: {A: 1}} | {environment: !override {B: 2}} | {environment={B=2}}",
        "{environment: {A: 1, B: 2}} | {environment: {A: !reset null}} | {environment={B=2}}",
        "{image: a} | {user: !reset null} | {image=a}",
        "{image: a} | {environment: {A: !reset null, B: 2}} | {environment={B=2}, image=a}",
        "{image: a} | {dns: [!reset b, c, c]} | {dns=[c], image=a}",
        "{dns: } | {dns: [a, a]} | {dns=[a]}"
      })
  void aFileMayTakeBackAndReplace(String base, String over, String expected) {
    assertThat(merged(base, over)).isEqualTo(expected);
    problems.check();
  }

  /** What is merged again later still needs to know. */
  @Test
  void directivesMayBeKeptForALaterMerge() {
    Merger keeping = new Merger(problems, true, false);
    MapNode between =
        keeping.merge(
            read("{user: a}"), read("{image: !reset null, dns: !override [b]}"), "service", "");
    assertThat(between.entries.get("image").directive).isEqualTo(Node.Directive.RESET);
    Merger last = new Merger(problems, false, false);
    MapNode all = last.merge(read("{image: x, dns: [a], user: y}"), between, "service", "");
    assertThat(shown(all)).isEqualTo("{dns=[b], user=a}");
  }

  @Test
  void aListThatReplacesDoesSoAlsoWhenItWasAddedTo() {
    String base = "{dns: !override [a]}";
    String over = "{dns: [!reset b, c]}";
    for (boolean raw : new boolean[] {true, false}) {
      Merger keeping = new Merger(problems, true, raw);
      Node kept = keeping.merge(read(base), read(over), "service", "").entries.get("dns");
      assertThat(shown(kept)).isEqualTo("[a, b, c]");
      assertThat(kept.directive).isEqualTo(Node.Directive.OVERRIDE);
      Merger last = new Merger(problems, false, raw);
      Node done = last.merge(read(base), read(over), "service", "").entries.get("dns");
      assertThat(done.directive).isEqualTo(Node.Directive.NONE);
    }
  }

  @Test
  void poolsAreOneASubnet() {
    Merger merger = new Merger(problems, false, false);
    MapNode all =
        merger.merge(
            read("{networks: {n: {ipam: {config: [{subnet: a, gateway: g}, {subnet: b}]}}}}"),
            read("{networks: {n: {ipam: {config: [{subnet: a, ip_range: r}, {subnet: c}]}}}}"),
            "root",
            "");
    assertThat(shown(all))
        .isEqualTo(
            "{networks={n={ipam={config=["
                + "{gateway=g, ip_range=r, subnet=a}, {subnet=b}, {subnet=c}]}}}}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{dns: [a]} | {dns: {b: 1}} | cannot override services.a.dns: list by mapping",
        "{deploy: {replicas: 1}} | {deploy: [a]} | cannot override services.a.deploy: mapping by list"
      })
  void anotherKindIsRefused(String base, String over, String problem) {
    String before = shown(read(base));
    assertThat(merged(base, over)).isEqualTo(before);
    assertThatThrownBy(problems::check).hasMessageContaining(problem.split(": ")[0]);
  }

  /** As Docker Compose has them before it makes mappings of lists. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{environment: [A=1, B=2]} | {environment: [A=3]} | {environment=[A=3, B=2]}",
        "{command: [a]} | {command: [b]} | {command=[b]}",
        "{image: a} | {image: b} | {image=b}",
        "{environment: [A=1]} | {environment: {B: 2}} | {environment=[A=1, B=2]}",
        "{environment: [A=1]} | {environment: } | {environment=[A=1]}",
        "{environment: } | {environment: } | {environment=null}",
        "{dns: [a]} | {dns: [!reset b, c]} | {dns=[a, c]}"
      })
  void rawListsStayLists(String base, String over, String expected) {
    assertThat(merged(base, over, false, true)).isEqualTo(expected);
  }
}
