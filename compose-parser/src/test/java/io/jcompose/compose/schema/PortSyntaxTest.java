package io.jcompose.compose.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.compose.SourcePosition;
import io.jcompose.compose.tree.Node;
import io.jcompose.compose.tree.Node.MapNode;
import io.jcompose.compose.tree.Node.Scalar;
import io.jcompose.compose.tree.Problems;
import io.jcompose.core.JcomposeException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PortSyntaxTest {
  private final Problems problems = new Problems();

  private List<Node> ports(String text) {
    Scalar scalar = new Scalar(text, new SourcePosition("f", 1, 1));
    return new PortSyntax(problems).ports(scalar, "services.a.ports");
  }

  private static String shown(Node node) {
    MapNode port = (MapNode) node;
    return String.join(
        "/",
        port.text("host_ip"),
        port.text("published"),
        port.text("target"),
        port.text("protocol"));
  }

  /** Address, published port, target, protocol. */
  @ParameterizedTest
  @CsvSource({
    "80, ' / /80/tcp'",
    "80/udp, ' / /80/udp'",
    "9090, ' / /9090/tcp'",
    "80/SCTP, ' / /80/sctp'",
    "8080:80, ' /8080/80/tcp'",
    "0:80, ' /0/80/tcp'",
    "65535:65535, ' /65535/65535/tcp'",
    "127.0.0.1:8080:80/udp, 127.0.0.1/8080/80/udp",
    "127.0.0.1::80, 127.0.0.1/ /80/tcp",
    "[::1]:8080:80, ::1/8080/80/tcp",
    "::1:8080:80, ::1/8080/80/tcp",
    "[::1]::80, ::1/ /80/tcp",
    ":8080:80, ' /8080/80/tcp'",
    "8000-8010:80, ' /8000-8010/80/tcp'"
  })
  void aPortHasItsParts(String text, String expected) {
    assertThat(ports(text)).map(PortSyntaxTest::shown).containsExactly(expected.replace(" ", ""));
    problems.check();
  }

  @Test
  void aPortThatIsPublishedNowhereSaysSoByNothing() {
    MapNode port = (MapNode) ports("80").getFirst();
    assertThat(port.entries).containsOnlyKeys("mode", "target", "protocol");
    assertThat(port.text("mode")).isEqualTo("ingress");
  }

  @Test
  void rangesCountAsWhatTheyBecome() {
    assertThat(ports("1-65535")).hasSizeLessThanOrEqualTo(65535);
    ports("1-65535");
    assertThat(ports("1-65535")).isEmpty();
    assertThatThrownBy(problems::check).hasMessageContaining("values");
  }

  @Test
  void aRangeIsAPortEach() {
    assertThat(ports("8000-8002:80-82"))
        .map(PortSyntaxTest::shown)
        .containsExactly("/8000/80/tcp", "/8001/81/tcp", "/8002/82/tcp");
    assertThat(ports("80-81")).map(PortSyntaxTest::shown).containsExactly("//80/tcp", "//81/tcp");
    assertThat(ports("8000-8000:80")).map(PortSyntaxTest::shown).containsExactly("/8000/80/tcp");
    problems.check();
  }

  @ParameterizedTest
  @CsvSource({
    "'', Invalid containerPort: ",
    "0, Invalid containerPort: 0",
    "65536, Invalid containerPort: 65536",
    "82-80, Invalid containerPort: 82-80",
    "-80, Invalid containerPort: -80",
    "+80, Invalid containerPort: +80",
    "80-+90, Invalid containerPort: 80-+90",
    "\u0668\u0660, Invalid containerPort: \u0668\u0660",
    "80-, Invalid containerPort: 80-",
    "http, Invalid containerPort: http",
    "x:80, Invalid hostPort: x",
    "65536:80, Invalid hostPort: 65536",
    "80/tpc, Invalid proto: tpc",
    "80/, 'Invalid proto: '",
    "localhost:80:80, Invalid ip address: localhost",
    "8000-8001:80-82, Invalid ranges specified for container and host Ports: 80-82 and 8000-8001",
    "8000:80-82, Invalid ranges specified for container and host Ports: 80-82 and 8000"
  })
  void whatIsNoPortIsToldWhereItStands(String text, String problem) {
    assertThat(ports(text)).isEmpty();
    assertThatThrownBy(problems::check)
        .isInstanceOf(JcomposeException.InvalidArgument.class)
        .hasMessageContaining("services.a.ports: " + problem);
  }

  @Test
  void aProtocolAloneIsNoPort() {
    assertThat(ports("/udp")).isEmpty();
    assertThatThrownBy(problems::check)
        .hasMessageContaining("Invalid containerPort: ")
        .hasMessageNotContaining("/udp");
  }

  @Test
  void limitsWhatARangeMakes() {
    while (problems.limits.addValues(1_000_000)) {}
    assertThat(ports("1-65535")).isEmpty();
    assertThatThrownBy(problems::check).hasMessageContaining(problems.limits.tooManyValues());
  }
}
