package io.jcompose.registry.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.JcomposeException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AccountsTest {
  @TempDir Path temp;

  @Test
  void usersOutliveTheEngine() throws Exception {
    Accounts accounts = new Accounts(temp);
    assertThat(accounts.isEmpty()).isTrue();
    accounts.addUser("ann", "secret");
    Accounts later = new Accounts(temp);
    assertThat(later.users()).containsExactly("ann");
    assertThat(later.isUser("ann", "secret")).isTrue();
    assertThat(later.isUser("ann", "Secret")).isFalse();
    assertThat(later.isUser("bob", "secret")).isFalse();
    assertThat(Files.readString(temp.resolve("htpasswd")))
        .startsWith("ann:$2y$")
        .doesNotContain("secret");
    assertThat(later.removeUser("ann")).isTrue();
    assertThat(later.removeUser("ann")).isFalse();
    assertThat(new Accounts(temp).isEmpty()).isTrue();
  }

  @Test
  void takesTheFileOfApachesHtpasswd() throws Exception {
    // of htpasswd -nbB ann secret, with a comment
    Accounts made = new Accounts(temp);
    made.addUser("ann", "secret");
    String line = Files.readString(temp.resolve("htpasswd"));
    Files.writeString(temp.resolve("htpasswd"), "# users\n\n" + line.replace("\n", "\r\n"));
    assertThat(new Accounts(temp).isUser("ann", "secret")).isTrue();
  }

  @Test
  void tokensAreInNoFile() throws Exception {
    Accounts accounts = new Accounts(temp);
    String token = accounts.addToken("ci");
    assertThat(token).matches("jcr_[A-Za-z0-9]{40}");
    assertThat(Files.readString(temp.resolve("tokens"))).startsWith("ci:").doesNotContain(token);
    assertThat(new Accounts(temp).token(token)).contains("ci");
    assertThat(accounts.token(token + "x")).isEmpty();
    assertThatThrownBy(() -> accounts.addToken("ci"))
        .isInstanceOf(JcomposeException.Conflict.class);
    assertThat(accounts.removeToken("ci")).isTrue();
    assertThat(accounts.token(token)).isEmpty();
  }

  @Test
  void refusesWhatCannotBeANameOrPassword() {
    Accounts accounts = new Accounts(temp);
    for (String name : new String[] {"", "a:b", "a\nb", "-x", "a".repeat(65)}) {
      assertThatThrownBy(() -> accounts.addUser(name, "secret"))
          .isInstanceOf(JcomposeException.InvalidArgument.class);
    }
    for (String password : new String[] {"", "p".repeat(73)}) {
      assertThatThrownBy(() -> accounts.addUser("ann", password))
          .isInstanceOf(JcomposeException.InvalidArgument.class);
    }
    assertThat(accounts.isUser("ann", "p".repeat(73))).isFalse();
  }
}
