package io.jcompose.runtime.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.JcomposeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DeviceNumberTest {
  @TempDir private Path folder;

  /** The kernel's devices of memory are the same everywhere (devices.txt). */
  @ParameterizedTest
  @CsvSource({"/dev/null, 1:3", "/dev/zero, 1:5", "/dev/urandom, 1:9"})
  void aNodeIsReadByItsPath(String path, String number) {
    DeviceNumber device = DeviceNumber.of(path);
    assertThat(device).hasToString(number);
    assertThat(device.mode()).isEqualTo(0020666);
    assertThat(device.uid()).isZero();
    assertThat(device.gid()).isZero();
    assertThat(device.isBlock()).isFalse();
  }

  @Test
  void aLinkIsFollowed() throws IOException {
    Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("/dev/null"));
    assertThat(DeviceNumber.of(link.toString())).hasToString("1:3");
  }

  @Test
  void whatIsNoNodeIsRefused() throws IOException {
    String beginning = "error gathering device information while adding custom device \"";
    Path file = Files.createFile(folder.resolve("file"));
    assertThat(DeviceNumber.read(file)).isEmpty();
    assertThat(DeviceNumber.read(folder)).isEmpty();
    assertThatThrownBy(() -> DeviceNumber.of(file.toString()))
        .isInstanceOf(JcomposeException.InvalidArgument.class)
        .hasMessage(beginning + file + "\": not a device node");
    assertThatThrownBy(() -> DeviceNumber.of("/dev/nosuch"))
        .isInstanceOf(JcomposeException.InvalidArgument.class)
        .hasMessage(beginning + "/dev/nosuch\": no such file or directory");
  }

  @Test
  void aBlockDeviceIsKnownByItsMode() {
    assertThat(new DeviceNumber(0060660, 8, 0, 0, 6).isBlock()).isTrue();
    assertThat(new DeviceNumber(0020660, 8, 0, 0, 6).isBlock()).isFalse();
  }

  /** As Python's os.makedev has them. */
  @ParameterizedTest
  @CsvSource({
    "0x801, 8, 1",
    "0x1103fe, 259, 510",
    "0xfffff, 4095, 255",
    "0x100000100000, 4096, 256",
    "0x12000abc345de, 74565, 703710",
    "0xff000ffffffff, 1048575, 1048575"
  })
  void theNumbersOfADeviceAreInPieces(String rdev, int major, int minor) {
    assertThat(DeviceNumber.major(Long.decode(rdev))).isEqualTo(major);
    assertThat(DeviceNumber.minor(Long.decode(rdev))).isEqualTo(minor);
  }
}
