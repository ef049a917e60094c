package io.jcompose.linux.library;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.MessageDigest;
import java.util.Random;
import org.junit.jupiter.api.Test;

class NativeSha256Test {
  @Test
  void hashesAsTheJdkDoes() throws Exception {
    byte[] data = new byte[500_000];
    new Random(7).nextBytes(data);
    MessageDigest jdk = MessageDigest.getInstance("SHA-256");
    MessageDigest fast = NativeSha256.create();
    fast.update(data, 0, 100_001);
    fast.update(data, 100_001, data.length - 100_001);
    assertThat(fast.digest()).isEqualTo(jdk.digest(data));
    assertThat(fast.digest()).isEqualTo(jdk.digest());
  }
}
