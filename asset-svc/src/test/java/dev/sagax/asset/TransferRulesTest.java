package dev.sagax.asset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sagax.platform.money.Markets;
import dev.sagax.platform.refusal.RefusedException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TransferRulesTest {
  static final Markets MARKETS =
      Markets.parse(
          """
          assets:
            - {name: BTC, scale: 8}
            - {name: KRW, scale: 4}
            - {name: POINT, scale: 0}
          markets: []
          """,
          1);

  private final TransferRules rules = new TransferRules(MARKETS);

  @ParameterizedTest(name = "deposit account={0} asset={1} amount={2} request_id={3} is {4}")
  @CsvSource(
      textBlock =
          """
          # account | asset | amount | request_id | reason | field
          ''        | BTC   | 1      | r-1        | FIELD_REQUIRED    | account
          a b       | BTC   | 1      | r-1        | INVALID_ID        | account
          ann/1     | BTC   | 1      | r-1        | INVALID_ID        | account
          änn       | BTC   | 1      | r-1        | INVALID_ID        | account
          ann       | ''    | 1      | r-1        | FIELD_REQUIRED    | asset
          ann       | DOGE  | 1      | r-1        | UNKNOWN_ASSET     | asset
          ann       | btc   | 1      | r-1        | UNKNOWN_ASSET     | asset
          ann       | BTC   | ''     | r-1        | FIELD_REQUIRED    | amount
          ann       | BTC   | 0      | r-1        | NOT_POSITIVE      | amount
          ann       | BTC   | 0.00   | r-1        | NOT_POSITIVE      | amount
          ann       | BTC   | -1     | r-1        | NOT_POSITIVE      | amount
          ann       | BTC   | 1e3    | r-1        | INVALID_DECIMAL   | amount
          ann       | BTC   | +1     | r-1        | INVALID_DECIMAL   | amount
          ann       | BTC   | 01     | r-1        | INVALID_DECIMAL   | amount
          ann       | BTC   | 1.     | r-1        | INVALID_DECIMAL   | amount
          ann       | BTC   | .5     | r-1        | INVALID_DECIMAL   | amount
          ann       | BTC   | ' 1'   | r-1        | INVALID_DECIMAL   | amount
          ann       | BTC   | '1,5'  | r-1        | INVALID_DECIMAL   | amount
          ann       | BTC   | NaN    | r-1        | INVALID_DECIMAL   | amount
          ann       | BTC   | 0.000000001 | r-1   | TOO_MANY_DECIMALS | amount
          ann       | POINT | 1.5    | r-1        | TOO_MANY_DECIMALS | amount
          ann       | BTC   | 92233720369 | r-1   | AMOUNT_OVERFLOW   | amount
          ann       | BTC   | 99999999999999999999 | r-1 | AMOUNT_OVERFLOW | amount
          ann       | BTC   | 1      | ''         | FIELD_REQUIRED    | request_id
          ann       | BTC   | 1      | r 1        | INVALID_ID        | request_id
          ann       | BTC   | 1      | r;1        | INVALID_ID        | request_id
          """,
      delimiter = '|')
  void refusesWithTheReasonAndTheField(
      String account, String asset, String amount, String requestId, String reason, String field) {
    assertThatThrownBy(() -> rules.deposit(account, asset, amount, requestId))
        .isInstanceOfSatisfying(
            RefusedException.class,
            refused -> {
              assertThat(refused.refusal().reason()).hasToString(reason);
              assertThat(refused.refusal().field()).isEqualTo(field);
              assertThat(refused.refusal().message()).endsWith(".");
            });
  }

  @Test
  void anIdOf64CharactersIsTakenAndOneOf65Refused() {
    String longest = "aZ09._:-".repeat(8);

    assertThat(rules.withdrawal("ann", "BTC", "1", longest).requestId()).isEqualTo(longest);
    assertThatThrownBy(() -> rules.withdrawal("ann", "BTC", "1", longest + "x"))
        .hasMessageContaining("INVALID_ID")
        .hasMessageContaining("65 characters");
  }

  @ParameterizedTest
  @ValueSource(strings = {"\u0000", "a\nb", "\u007f", "r\t1"})
  void aRefusalDoesNotPrintControlCharacters(String requestId) {
    assertThatThrownBy(() -> rules.withdrawal("ann", "BTC", "1", requestId))
        .hasMessageContaining("INVALID_ID")
        .message()
        .matches("[ -~]+");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"1", "0123456789ABCDEF0123456789abcdef", "0123456789abcdef0123456789abcdef0"})
  void aTransferIdIs32LowercaseHexadecimalDigits(String transferId) {
    assertThatThrownBy(() -> rules.transferId(transferId)).hasMessageContaining("INVALID_ID");
  }

  @Test
  void anEmptyTransferIdIsMissing() {
    assertThatThrownBy(() -> rules.transferId("")).hasMessageContaining("FIELD_REQUIRED");
  }

  @Test
  void amountsAreCountedInUnitsOfTheAsset() {
    assertThat(rules.deposit("ann", "BTC", "1.5", "r-1"))
        .isEqualTo(new TransferRequest.Deposit("ann", "BTC", 150_000_000L, "r-1"));
    assertThat(rules.withdrawal("ann", "KRW", "0.0001", "r-1").amountUnits()).isEqualTo(1);
    assertThat(rules.withdrawal("ann", "KRW", "922337203685477.5807", "r-1").amountUnits())
        .isEqualTo(Long.MAX_VALUE);
  }
}
