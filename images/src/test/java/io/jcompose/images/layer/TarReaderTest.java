package io.jcompose.images.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.JcomposeException;
import io.jcompose.images.archive.TarWriter;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TarReaderTest {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final TarWriter tar = new TarWriter(bytes);

  @Test
  void limitsTheExtendedHeadersOfAnEntryInAll() throws IOException {
    for (int i = 0; i < 20; i++) {
      header('x', record("SCHILY.xattr.user." + i, "v".repeat(60_000)));
    }
    header('0', "");
    assertThatThrownBy(() -> reader().next())
        .isInstanceOf(JcomposeException.Corrupt.class)
        .hasMessageContaining("extended headers");
  }

  @Test
  void limitsTheNumberOfRecordsOfAnEntry() throws IOException {
    for (int i = 0; i < 40; i++) {
      StringBuilder records = new StringBuilder();
      for (int j = 0; j < 500; j++) {
        records.append(record("SCHILY.xattr.a" + (1000 * i + j), ""));
      }
      header('x', records.toString());
    }
    header('0', "");
    assertThatThrownBy(() -> reader().next()).isInstanceOf(JcomposeException.Corrupt.class);
  }

  @Test
  void countsTheHeadersOfEachEntryForItself() throws IOException {
    for (int i = 0; i < 20; i++) {
      header('g', "x".repeat(600_000));
      header('x', record("comment", "v".repeat(600_000)));
      header('0', "data");
    }
    tar.finish();
    TarReader reader = reader();
    for (int i = 0; i < 20; i++) {
      assertThat(reader.next()).isNotNull();
    }
    assertThat(reader.next()).isNull();
  }

  @Test
  void limitsTheTargetOfALink() throws IOException {
    header('x', record("linkpath", "a/".repeat(2048)));
    header('1', "");
    header('x', record("linkpath", "a/".repeat(500_000)));
    header('1', "");
    TarReader reader = reader();
    assertThat(reader.next()).isNotNull();
    assertThatThrownBy(reader::next).isInstanceOf(JcomposeException.Corrupt.class);
  }

  @Test
  void readsAFileOfHolesAlone() throws IOException {
    header('x', record("GNU.sparse.size", "50") + record("GNU.sparse.numblocks", "0"));
    header('0', "");
    TarReader reader = reader();
    TarEntry entry = reader.next();
    assertThat(entry.sizeBytes()).isEqualTo(50);
    assertThat(reader.isSparse()).isTrue();
    assertThat(reader.read(new byte[9], 0, 9)).isEqualTo(-1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"0,5,3,5", "5", "-1,2", "0,99", "0,1,9223372036854775807,1", "x,y", "0,4", "48,5"})
  void refusesASparseMapThatIsWrong(String map) throws IOException {
    header('x', record("GNU.sparse.map", map) + record("GNU.sparse.size", "50"));
    header('0', "12345");
    assertThatThrownBy(() -> reader().next()).as(map).isInstanceOf(JcomposeException.Corrupt.class);
  }

  @Test
  void refusesALeadingMapThatNeverEnds() throws IOException {
    header('x', record("GNU.sparse.major", "1") + record("GNU.sparse.realsize", "50"));
    header('0', "7".repeat(2000));
    assertThatThrownBy(() -> reader().next()).isInstanceOf(JcomposeException.Corrupt.class);
  }

  private TarReader reader() {
    return new TarReader(new ByteArrayInputStream(bytes.toByteArray()));
  }

  private void header(char type, String text) throws IOException {
    byte[] data = text.getBytes(StandardCharsets.ISO_8859_1);
    tar.entry(new TarEntry("f", type, 0644, 0, 0, data.length, 0, 0, "", 0, 0, Map.of()));
    tar.write(data, 0, data.length);
    tar.endEntry();
  }

  private static String record(String key, String value) {
    String text = " " + key + "=" + value + "\n";
    int length = text.length();
    while (String.valueOf(length).length() + text.length() != length) {
      length = String.valueOf(length).length() + text.length();
    }
    return length + text;
  }
}
