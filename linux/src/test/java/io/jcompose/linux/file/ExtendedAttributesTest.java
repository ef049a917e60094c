package io.jcompose.linux.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.linux.KernelException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ExtendedAttributesTest {
  /** XFS keeps thousands of such values, which a container may set. */
  @Test
  void refusesAFileWithMoreThanFitsIntoMemory() {
    assertThat(ExtendedAttributes.all(new byte[] {0}, "file", new Many(16))).hasSize(16);
    assertThatThrownBy(() -> ExtendedAttributes.all(new byte[] {0}, "file", new Many(17)))
        .isInstanceOf(KernelException.class)
        .hasMessageContaining("E2BIG");
  }

  /** A file with that many attributes of the largest size. */
  private record Many(int count) implements ExtendedAttributes.Calls {
    @Override
    public long list(byte[] path, byte[] names, long size) {
      StringBuilder all = new StringBuilder();
      for (int i = 0; i < count; i++) {
        all.append("user.").append(i).append('\0');
      }
      byte[] text = all.toString().getBytes(StandardCharsets.US_ASCII);
      System.arraycopy(text, 0, names, 0, Math.min(text.length, names.length));
      return text.length;
    }

    @Override
    public long get(byte[] path, byte[] name, byte[] value, long size) {
      return size;
    }
  }
}
