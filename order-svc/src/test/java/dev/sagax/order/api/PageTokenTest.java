package dev.sagax.order.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sagax.order.OrderHistory.Cursor;
import dev.sagax.order.OrderHistory.Filter;
import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.refusal.RefusedException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PageTokenTest {
  private final Filter filter = new Filter("alice", "BTC-USD", true);
  private final Cursor cursor = new Cursor(123_456, "0123456789abcdef0123456789abcdef");

  @Test
  void continuesTheListItWasMadeFor() {
    String token = PageToken.of(filter, cursor);

    assertThat(PageToken.read(filter, token)).contains(cursor);
    assertThat(PageToken.read(filter, "")).isEmpty();
  }

  @Test
  void anotherCallerOrFilterIsRefused() {
    String token = PageToken.of(filter, cursor);

    assertForeign(new Filter("bob", "BTC-USD", true), token);
    assertForeign(new Filter("alice", "", true), token);
    assertForeign(new Filter("alice", "BTC-USD", false), token);
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "not base64!", "AAAA", "주문"})
  void garbageIsRefused(String token) {
    assertForeign(filter, token);
  }

  private static void assertForeign(Filter filter, String token) {
    assertThatThrownBy(() -> PageToken.read(filter, token))
        .isInstanceOfSatisfying(
            RefusedException.class,
            refused -> assertThat(refused.refusal().reason()).isEqualTo(Reason.INVALID_PAGE_TOKEN));
  }
}
