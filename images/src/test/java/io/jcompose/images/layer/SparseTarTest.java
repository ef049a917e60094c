package io.jcompose.images.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.JcomposeException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files with holes in each of GNU tar's formats (its manual, "Storing Sparse Files"). */
class SparseTarTest {
  private static final int MAP = 386;
  private static final int MORE = 482;
  private static final int SIZE = 483;

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  @Test
  void format10HasItsMapBeforeTheData() throws IOException {
    pax("GNU.sparse.major", "1", "GNU.sparse.minor", "0", "GNU.sparse.realsize", "20");
    file('0', block("2\n3\n2\n10\n3\n") + "abcde");
    assertThat(content()).isEqualTo("...ab.....cde.......");
  }

  /** Its numbers may stand on the border of two blocks. */
  @Test
  void aLongMapHasSeveralBlocks() throws IOException {
    StringBuilder map = new StringBuilder("100\n");
    StringBuilder expected = new StringBuilder();
    for (int i = 0; i < 100; i++) {
      map.append(1000 + 3 * i).append("\n1\n");
      expected.append('x').append("..");
    }
    pax("GNU.sparse.major", "1", "GNU.sparse.realsize", "1300", "GNU.sparse.name", "real");
    file('0', block(map.toString()) + "x".repeat(100));
    assertThat(content()).isEqualTo(".".repeat(1000) + expected);
  }

  @Test
  void format01HasItsMapInARecord() throws IOException {
    pax("GNU.sparse.size", "12", "GNU.sparse.map", "0,2,5,3");
    file('0', "abcde");
    assertThat(content()).isEqualTo("ab...cde....");
  }

  @Test
  void format00RepeatsItsRecords() throws IOException {
    pax(
        "GNU.sparse.size", "12",
        "GNU.sparse.offset", "1",
        "GNU.sparse.numbytes", "2",
        "GNU.sparse.offset", "9",
        "GNU.sparse.numbytes", "3");
    file('0', "abcde");
    assertThat(content()).isEqualTo(".ab......cde");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 4, 5, 25, 26})
  void theOldFormatHasItsMapInTheHeaderAndInBlocksBehind(int segments) throws IOException {
    TarHeader header = new TarHeader("f", 'S', segments).gnu("");
    header.octal(SIZE, 11, 2L * segments + 1);
    ByteArrayOutputStream more = new ByteArrayOutputStream();
    for (int i = 0; i < Math.min(4, segments); i++) {
      segment(header, MAP + 24 * i, 2 * i + 1);
    }
    header.bytes[MORE] = (byte) (segments > 4 ? 1 : 0);
    for (int from = 4; from < segments; from += 21) {
      TarHeader extension = new TarHeader("", '0', 0);
      Arrays.fill(extension.bytes, (byte) 0);
      for (int i = from; i < Math.min(from + 21, segments); i++) {
        segment(extension, 24 * (i - from), 2 * i + 1);
      }
      extension.bytes[504] = (byte) (segments > from + 21 ? 1 : 0);
      more.writeBytes(extension.bytes);
    }
    bytes.writeBytes(header.sealed());
    bytes.writeBytes(more.toByteArray());
    bytes.writeBytes(block("x".repeat(segments)).getBytes(StandardCharsets.UTF_8));
    assertThat(content()).isEqualTo("." + "x.".repeat(segments));
  }

  @Test
  void theEntryBehindIsFound() throws IOException {
    pax("GNU.sparse.size", "12", "GNU.sparse.map", "0,2,5,3");
    file('0', "abcde");
    bytes.writeBytes(new TarHeader("next", '0', 0).sealed());
    bytes.writeBytes(new byte[1024]);
    TarReader reader = reader();
    assertThat(reader.next().sizeBytes()).isEqualTo(12);
    assertThat(reader.isSparse()).isTrue();
    assertThat(reader.next().name()).isEqualTo("next");
    assertThat(reader.isSparse()).isFalse();
    assertThat(reader.next()).isNull();
  }

  @Test
  void anUnknownFormatIsRefused() {
    pax("GNU.sparse.major", "2", "GNU.sparse.realsize", "20");
    file('0', "abcde");
    assertThatThrownBy(() -> reader().next())
        .isInstanceOf(JcomposeException.NotSupported.class)
        .hasMessage("sparse file of an unknown format: f");
  }

  @ParameterizedTest
  @CsvSource({
    "'0,5', 4, a segment beyond the end",
    "'0,4', 9, less than there is",
    "'0,6', 9, more than there is",
    "'3,2,0,3', 9, segments out of order",
    "'0,3,2,2', 9, segments that overlap"
  })
  void aMapThatDoesNotFitIsRefused(String map, String size, String why) {
    pax("GNU.sparse.size", size, "GNU.sparse.map", map);
    file('0', "abcde");
    assertThatThrownBy(() -> reader().next())
        .as(why)
        .isInstanceOf(JcomposeException.Corrupt.class)
        .hasMessageContaining("sparse file");
  }

  @Test
  void segmentsMayTouchAndFillTheFile() throws IOException {
    pax("GNU.sparse.size", "5", "GNU.sparse.map", "0,2,2,3");
    file('0', "abcde");
    assertThat(content()).isEqualTo("abcde");
  }

  @ParameterizedTest
  @ValueSource(strings = {"1\n0\nx\n", "1\n0\n-5\n", "1\n0\n1234567890123456789012345\n"})
  void aLeadingMapHasNumbersOnly(String map) {
    pax("GNU.sparse.major", "1", "GNU.sparse.realsize", "20");
    file('0', block(map) + "abcde");
    assertThatThrownBy(() -> reader().next()).isInstanceOf(JcomposeException.Corrupt.class);
  }

  @Test
  void aMapOfTooManySegmentsIsRefused() {
    SparseMap map = new SparseMap();
    for (int i = 0; i < 1 << 16; i++) {
      map.add(2L * i, 1);
    }
    assertThat(map.count()).isEqualTo(1 << 16);
    assertThat(map.offset(65_535)).isEqualTo(131_070);
    assertThat(map.length(65_535)).isEqualTo(1);
    map.check(131_071, 65_536);
    assertThatThrownBy(() -> map.add(1L << 20, 1)).isInstanceOf(JcomposeException.Corrupt.class);
    assertThatThrownBy(() -> map.check(131_070, 65_536))
        .isInstanceOf(JcomposeException.Corrupt.class);
  }

  private static void segment(TarHeader header, int at, long offset) {
    header.octal(at, 11, offset).octal(at + 12, 11, 1);
  }

  /** The file with dots for its holes. */
  private String content() throws IOException {
    bytes.writeBytes(new byte[1024]);
    TarReader reader = reader();
    TarEntry entry = reader.next();
    char[] file = ".".repeat((int) entry.sizeBytes()).toCharArray();
    byte[] buffer = new byte[2];
    while (true) {
      long offset = reader.offset();
      int count = reader.read(buffer, 0, 2);
      if (count < 0) {
        break;
      }
      for (int i = 0; i < count; i++) {
        file[(int) offset + i] = (char) buffer[i];
      }
    }
    assertThat(reader.dataBytes()).isZero();
    assertThat(reader.next()).isNull();
    return new String(file);
  }

  private TarReader reader() {
    return new TarReader(new ByteArrayInputStream(bytes.toByteArray()));
  }

  private void pax(String... records) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < records.length; i += 2) {
      text.append(TarHeader.record(records[i], records[i + 1]));
    }
    file('x', text.toString());
  }

  private void file(char type, String data) {
    bytes.writeBytes(new TarHeader("f", type, data.length()).sealed());
    bytes.writeBytes(block(data).getBytes(StandardCharsets.UTF_8));
  }

  private static String block(String text) {
    return text + "\0".repeat((512 - text.length() % 512) % 512);
  }
}
