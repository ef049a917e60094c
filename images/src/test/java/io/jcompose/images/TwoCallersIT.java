package io.jcompose.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.Digest;
import io.jcompose.core.Images.ImageView;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Progress;
import io.jcompose.core.RegistryLogins;
import io.jcompose.core.RegistryLogins.Login;
import java.nio.file.Files;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Callers with different rights at one registry, whose images come into one store. */
class TwoCallersIT extends StoreUnderTest {
  private static final Map<String, String> PASSWORDS = Map.of("alice", "a:pass", "bob", "b");
  private static final Map<String, Set<String>> READERS = Map.of("private", Set.of("alice"));

  private Digest digest;

  @BeforeEach
  void serve() throws Exception {
    digest = registry.image("private", "1", "amd64", tar("secret", noise(1, 5000)));
  }

  private void rules(boolean bearer) {
    registry.access =
        bearer ? TestAccess.bearer(PASSWORDS, READERS) : TestAccess.basic(PASSWORDS, READERS);
  }

  private Login login(String user) {
    return new Login(user, PASSWORDS.get(user));
  }

  private Progress caller(String user) {
    RegistryLogins logins =
        new RegistryLogins.OfCaller(
            user.isEmpty() ? Map.of() : Map.of(registry.host(), login(user)));
    return new Progress() {
      @Override
      public void report(Step step) {}

      @Override
      public RegistryLogins logins() {
        return logins;
      }
    };
  }

  private ImageView pull(String name, String user) {
    return store.pull(registry.host() + "/" + name, "", caller(user));
  }

  private void isDenied(String name, String user) {
    assertThatThrownBy(() -> pull(name, user))
        .isInstanceOf(JcomposeException.NotFound.class)
        .hasMessageContaining("pull access denied for " + registry.host() + "/private")
        .hasMessageContaining("jcompose login " + registry.host());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void eachIsShownWhatIsHisAndNothingMore(boolean bearer) throws Exception {
    rules(bearer);
    isDenied("private:1", "");
    isDenied("private:1", "bob");
    assertThat(store.find(registry.host() + "/private:1")).isEmpty();
    ImageView image = pull("private:1", "alice");
    // As with Docker an image that is there is anybody's, but to ask for it again is denied.
    assertThat(store.find(registry.host() + "/private:1")).contains(image);
    isDenied("private:1", "bob");
    isDenied("private:1", "");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void theEnginesOwnLoginIsNoCallers(boolean bearer) throws Exception {
    rules(bearer);
    Files.writeString(
        temp.resolve("none.json"),
        "{\"auths\":{\"%s\":{\"username\":\"alice\",\"password\":\"a:pass\"}}}"
            .formatted(registry.host()));
    isDenied("private:1", "");
    isDenied("private:1", "bob");
    assertThat(pull("private:1").references()).containsExactly(registry.host() + "/private:1");
    isDenied("private:1", "");
  }

  @Test
  void pullsOfTwoCallersAtTheSameTimeAreTwo() throws Exception {
    rules(true);
    CountDownLatch under = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    registry.fault =
        (exchange, path, content) -> {
          if (path.contains("/blobs/")) {
            under.countDown();
            await(goOn);
          }
          return false;
        };
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var alices = CompletableFuture.supplyAsync(() -> pull("private:1", "alice"), threads);
      await(under);
      isDenied("private:1", "bob"); // while hers is under way, and does not end it
      var again = CompletableFuture.supplyAsync(() -> pull("private:1", "alice"), threads);
      goOn.countDown();
      assertThat(result(alices)).isEqualTo(result(again));
    }
    assertThat(registry.count("/blobs/")).isEqualTo(2);
  }

  @Test
  void contentThatIsThereIsNotGivenForAnyNameWithItsDigest() throws Exception {
    rules(true);
    pull("private:1", "alice");
    registry.contents.put("/v2/other/manifests/none", new byte[0]);
    assertThatThrownBy(() -> pull("other@" + digest, "bob"))
        .isInstanceOf(JcomposeException.NotFound.class);
    assertThat(store.find(registry.host() + "/other@" + digest)).isEmpty();
    assertThat(pull("private@" + digest, "bob").id()) // it is there under this name
        .isEqualTo(store.find(registry.host() + "/private:1").orElseThrow().id());
  }

  @Test
  void aDigestIsLookedUpWithTheCallersLogin() {
    rules(true);
    String name = registry.host() + "/private:1";
    assertThat(store.pinned(name, caller("alice").logins())).endsWith("@" + digest);
    assertThatThrownBy(() -> store.pinned(name, caller("bob").logins()))
        .hasMessageContaining("pull access denied");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aLoginIsTriedAtItsRegistry(boolean bearer) {
    rules(bearer);
    Login kept = store.checkLogin(registry.host(), login("alice"));
    assertThat(kept)
        .isEqualTo(bearer ? new Login(Login.IDENTITY_TOKEN, "r-alice") : login("alice"));
    assertThatThrownBy(() -> store.checkLogin(registry.host(), new Login("alice", "wrong")))
        .isInstanceOf(JcomposeException.PermissionDenied.class)
        .hasMessageContaining("unauthorized")
        .message()
        .doesNotContain("wrong");
    assertThatThrownBy(() -> store.checkLogin("127.0.0.1:1", login("alice")))
        .isInstanceOf(JcomposeException.Unavailable.class)
        .hasMessageContaining("connection refused");
    assertThatThrownBy(() -> store.checkLogin("a b/../c", login("alice")))
        .isInstanceOf(JcomposeException.InvalidArgument.class);
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static ImageView result(CompletableFuture<ImageView> pull)
      throws ExecutionException, InterruptedException {
    return pull.get();
  }
}
