package dev.sagax.platform.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PageTokenTest {
  private static final List<String> LIST = List.of("ListOrders", "alice", "BTC-USD");

  @Test
  void continuesTheListItWasMadeFor() {
    String token = PageToken.of(LIST, "42");

    assertThat(PageToken.read(LIST, token, Long::parseLong)).contains(42L);
    assertThat(PageToken.read(LIST, "", Long::parseLong)).isEmpty();
  }

  @Test
  void anotherListIsRefused() {
    String token = PageToken.of(LIST, "42");

    assertForeign(List.of("ListOrders", "bob", "BTC-USD"), token);
    assertForeign(List.of("ListOrders", "alice", ""), token);
    assertForeign(List.of("ListTrades", "alice", "BTC-USD"), token);
    assertForeign(List.of("ListOrders", "alice", "BTC-USD", ""), token);
    assertForeign(List.of("ListOrders"), PageToken.of(List.of("ListOrders", "alice"), "42"));
  }

  @Test
  void aPlaceThatCannotBeReadIsRefused() {
    assertForeign(LIST, PageToken.of(LIST, "x"));
    assertForeign(LIST, PageToken.of(LIST, ""));
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "not base64!", "AAAA", "\u0000", "\uc8fc\ubb38", "////", "_w"})
  void garbageIsRefused(String token) {
    assertForeign(LIST, token);
    assertForeign(LIST, token.repeat(1_000));
  }

  @Test
  void onlyTheSpellingThatWasGivenOutIsTaken() {
    String token = PageToken.of(LIST, "4");

    assertForeign(LIST, token + "=");
    assertForeign(LIST, token + "==");
  }

  private static void assertForeign(List<String> list, String token) {
    Function<String, Long> place = Long::parseLong;
    assertThatThrownBy(() -> PageToken.read(list, token, place))
        .hasMessageContaining("INVALID_PAGE_TOKEN");
  }
}
