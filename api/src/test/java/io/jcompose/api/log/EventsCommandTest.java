package io.jcompose.api.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EventsCommandTest {
  @Test
  void anImagesLabelForgesNoEventAndActsOnNoTerminal() {
    EventLog.Entry entry =
        new EventLog.Entry(
            Instant.EPOCH,
            "1f",
            "start",
            Map.of("name", "web"),
            Map.of("k\u001b[2J", "v)\n1970 x"));
    assertThat(EventsCommand.text(entry, ZoneOffset.UTC))
        .isEqualTo("1970-01-01 00:00:00.000000 container start 1f (k?[2J=v)?1970 x, name=web)\n");
  }
}
