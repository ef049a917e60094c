package io.jcompose.images.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.Digest;
import io.jcompose.core.JcomposeException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class PlatformTest {
  @Test
  void normalisesNames() {
    assertThat(Platform.parse("linux/x86_64")).hasToString("linux/amd64");
    assertThat(Platform.parse("linux/arm64/v8")).hasToString("linux/arm64");
    assertThat(Platform.parse("armhf")).hasToString("linux/arm/v7");
    assertThatThrownBy(() -> Platform.parse("a/b/c/d"))
        .isInstanceOf(JcomposeException.InvalidArgument.class);
  }

  @Test
  void choosesTheBestThatRuns() {
    Manifest.Index index =
        new Manifest.Index(
            List.of(
                entry('1', "linux/386"),
                entry('2', "linux/amd64"),
                entry('3', "linux/arm/v6"),
                entry('4', "unknown/unknown")));
    assertThat(index.choose(Platform.parse("linux/amd64"))).hasValueSatisfying(d -> is(d, '2'));
    assertThat(index.choose(Platform.parse("linux/arm/v7"))).hasValueSatisfying(d -> is(d, '3'));
    assertThat(index.choose(Platform.parse("linux/arm/v5"))).isEmpty();
    assertThat(index.choose(Platform.parse("linux/riscv64"))).isEmpty();
    assertThat(index.platforms()).isEqualTo("linux/386, linux/amd64, linux/arm/v6");
  }

  @Test
  void refusesADocumentThatIsBothIndexAndImage() {
    byte[] both =
        "{\"schemaVersion\":2,\"manifests\":[],\"layers\":[]}".getBytes(StandardCharsets.UTF_8);
    assertThatThrownBy(() -> Manifest.of(both)).isInstanceOf(JcomposeException.Corrupt.class);
  }

  @Test
  void choosesALevelOnlyWhereTheProcessorHasIt() {
    Processor old = Processor.of("flags\t\t: fpu sse2");
    Processor second = Processor.of("flags : cx16 lahf_lm popcnt pni sse4_1 sse4_2 ssse3 avx");
    Processor third =
        Processor.of(
            "flags : cx16 lahf_lm popcnt pni sse4_1 sse4_2 ssse3 avx avx2 bmi1 bmi2 f16c fma abm"
                + " movbe xsave");
    Platform amd64 = Platform.parse("linux/amd64");
    assertThat(amd64.runnable(old)).hasToString("[linux/amd64, linux/386]");
    assertThat(amd64.runnable(second)).hasToString("[linux/amd64, linux/amd64/v2, linux/386]");
    assertThat(amd64.runnable(third))
        .hasToString("[linux/amd64, linux/amd64/v3, linux/amd64/v2, linux/386]");
    assertThat(Platform.parse("linux/amd64/v2").runnable(old))
        .hasToString("[linux/amd64/v2, linux/amd64, linux/386]");
    assertThat(Processor.of("")).isEqualTo(new Processor(1, ""));
  }

  @Test
  void knowsTheFirstRaspberryPis() {
    String pi = "model name\t: ARMv6-compatible processor rev 7 (v6l)\nCPU architecture: 7\n";
    assertThat(Processor.of(pi).armVariant()).isEqualTo("v6");
    assertThat(Processor.of(pi.replace("v6", "v7")).armVariant()).isEmpty();
    assertThat(Processor.of("CPU architecture: 5TEJ").armVariant()).isEqualTo("v5");
  }

  private static void is(Descriptor descriptor, char digit) {
    assertThat(descriptor.digest().hex()).startsWith("" + digit);
  }

  private static Manifest.Entry entry(char digit, String platform) {
    Digest digest = Digest.parse("sha256:" + String.valueOf(digit).repeat(64));
    return new Manifest.Entry(new Descriptor("", digest, 1), Platform.parse(platform));
  }
}
