package io.jcompose.linux;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.linux.HostAccounts.Account;
import org.junit.jupiter.api.Test;

class HostAccountsTest {
  @Test
  void findsUsersAndGroupsByNameAndByNumber() {
    Account root = new Account("root", 0);
    assertThat(HostAccounts.user("root")).contains(root);
    assertThat(HostAccounts.user("0")).contains(root);
    assertThat(HostAccounts.group("root")).contains(root);
    assertThat(HostAccounts.group("0")).contains(root);
  }

  @Test
  void whatNobodyHasIsEmpty() {
    assertThat(HostAccounts.user("nobody-has-this-name")).isEmpty();
    assertThat(HostAccounts.group("999999998")).isEmpty();
    assertThat(HostAccounts.user("99999999999999999999")).isEmpty();
    assertThat(HostAccounts.user("")).isEmpty();
  }
}
