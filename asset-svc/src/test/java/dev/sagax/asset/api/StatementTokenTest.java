package dev.sagax.asset.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sagax.asset.AccountEntry;
import dev.sagax.asset.BalanceView;
import dev.sagax.asset.Statement;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where a statement goes on, and what its sums are by then. */
class StatementTokenTest {
  private static final Statement STATEMENT =
      new Statement(
          Map.of(
              new AccountEntry.Log(1, 0), new AccountEntry.Place(-1, 7),
              new AccountEntry.Log(2, 13), new AccountEntry.Place(Long.MAX_VALUE, 500)),
          Map.of("KRW", new BalanceView("KRW", -5, Long.MAX_VALUE)));

  @Test
  void aTokenIsReadAsItWasMade() {
    assertThat(StatementToken.read("ann", StatementToken.of("ann", STATEMENT)))
        .isEqualTo(STATEMENT);
    assertThat(StatementToken.read("ann", StatementToken.of("ann", Statement.BEGIN)))
        .isEqualTo(Statement.BEGIN);
    assertThat(StatementToken.read("ann", "")).isEqualTo(Statement.BEGIN);
  }

  @Test
  void aTokenOfAnotherAccountIsRefused() {
    String token = StatementToken.of("ann", STATEMENT);

    assertThatThrownBy(() -> StatementToken.read("an", token))
        .hasMessageContaining("INVALID_PAGE_TOKEN");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ListStatementEntries",
        "ListStatementEntries ann\np 1 2 3",
        "ListStatementEntries ann\np 1 2 3 4 5",
        "ListStatementEntries ann\np 4 0 3 4",
        "ListStatementEntries ann\np 0 0 3 4",
        "ListStatementEntries ann\np 1 0 x 4",
        "ListStatementEntries ann\np 1 0 99999999999999999999 4",
        "ListStatementEntries ann\nb KRW 1",
        "ListStatementEntries ann\nq",
        "ListStatementEntries ann\n"
      })
  void aTextThatNoStatementMadeIsRefused(String text) {
    assertThatThrownBy(() -> StatementToken.read("ann", encoded(text)))
        .hasMessageContaining("INVALID_PAGE_TOKEN");
  }

  @ParameterizedTest
  @ValueSource(strings = {"!!", "AAAA", "\u0000"})
  void aTextThatIsNoTokenIsRefused(String token) {
    assertThatThrownBy(() -> StatementToken.read("ann", token))
        .hasMessageContaining("INVALID_PAGE_TOKEN");
  }

  @Test
  void aTokenWithoutEndIsRefused() {
    String places = "\np 1 0 3 4".repeat(3_000);

    assertThatThrownBy(
            () -> StatementToken.read("ann", encoded("ListStatementEntries ann" + places)))
        .hasMessageContaining("INVALID_PAGE_TOKEN");
  }

  private static String encoded(String text) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void anEntryMovesItsLogAndTheBalancesOfItsAssets() {
    AccountEntry entry =
        new AccountEntry(
            AccountEntry.Kind.SETTLEMENT,
            "0".repeat(32),
            7,
            new AccountEntry.Log(2, 13),
            new AccountEntry.Place(9, 1),
            List.of(
                new AccountEntry.Change("KRW", 0, -7, 0), new AccountEntry.Change("BTC", 2, 0, 1)));

    Statement after = STATEMENT.after(entry);

    assertThat(after.places())
        .containsEntry(new AccountEntry.Log(2, 13), new AccountEntry.Place(9, 1))
        .containsEntry(new AccountEntry.Log(1, 0), new AccountEntry.Place(-1, 7));
    assertThat(after.balances())
        .containsEntry("KRW", new BalanceView("KRW", -5, Long.MAX_VALUE - 7))
        .containsEntry("BTC", new BalanceView("BTC", 2, 0));
  }
}
