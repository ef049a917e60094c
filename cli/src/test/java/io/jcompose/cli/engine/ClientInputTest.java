package io.jcompose.cli.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ClientInputTest {
  private final AtomicInteger asked = new AtomicInteger();
  private final ClientInput input = new ClientInput(asked::incrementAndGet, this::look);
  private final AtomicInteger looks = new AtomicInteger();

  private void look() {
    looks.incrementAndGet();
    input.end(); // as where the client has gone
  }

  @Test
  void asksOnceAndGivesAllUntilTheEmptyFrame() throws Exception {
    assertThat(asked).hasValue(0);
    CompletableFuture<byte[]> all = CompletableFuture.supplyAsync(this::all);
    for (String part : new String[] {"one ", "two ", "three", ""}) {
      input.add(part.getBytes(StandardCharsets.US_ASCII));
    }
    assertThat(all.get()).asString().isEqualTo("one two three");
    assertThat(asked).hasValue(1);
    for (int i = 0; i < 3; i++) {
      input.add(new byte[] {1}); // a client that goes on keeps nobody
    }
    assertThat(input.read()).isEqualTo(-1);
  }

  @Test
  void endsForWhoReadsWhenTheClientHasGone() throws Exception {
    CompletableFuture<Integer> first = CompletableFuture.supplyAsync(input::read);
    while (asked.get() == 0) {
      Thread.onSpinWait();
    }
    input.end();
    assertThat(first.get()).isEqualTo(-1);
  }

  @Test
  void looksForAClientWhoseInputNobodyTakes() throws Exception {
    input.add(new byte[] {1});
    input.add(new byte[] {2});
    assertThat(looks).hasValue(1);
  }

  private byte[] all() {
    try {
      return input.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
