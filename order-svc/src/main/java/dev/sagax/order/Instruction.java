package dev.sagax.order;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What a client asks of the exchange about an order, or about all of an account. */
public sealed interface Instruction {

  /**
   * 32 lowercase hexadecimal digits: a hash of account, market and clientOrderId; of an instruction
   * about all orders an id of its own.
   */
  String orderId();

  String account();

  String market();

  String clientOrderId();

  /** When the API took it, in microseconds since 1970. */
  long timeMicros();

  /**
   * Place the order.
   *
   * @param rules what it was admitted under
   * @param selfTrade what happens instead of a trade with its own account
   * @param replaces the order that it takes the place of in the book, if of one
   */
  record PlaceOrder(
      String orderId,
      String account,
      String market,
      String clientOrderId,
      long timeMicros,
      OrderType type,
      MarketRules rules,
      SelfTrade selfTrade,
      Optional<Replaces> replaces)
      implements Instruction {

    /**
     * @param whatRests it is for what rests of that order then, and at most for what its type says;
     *     else the type says what both together are to be filled for
     */
    public record Replaces(String orderId, boolean whatRests) {}

    /** An order that replaces none. */
    public PlaceOrder(
        String orderId,
        String account,
        String market,
        String clientOrderId,
        long timeMicros,
        OrderType type,
        MarketRules rules,
        SelfTrade selfTrade) {
      this(
          orderId,
          account,
          market,
          clientOrderId,
          timeMicros,
          type,
          rules,
          selfTrade,
          Optional.empty());
    }

    /** The same order, but with another one's place. */
    public PlaceOrder replacing(Optional<Replaces> replaced) {
      return new PlaceOrder(
          orderId, account, market, clientOrderId, timeMicros, type, rules, selfTrade, replaced);
    }

    private boolean isForWhatRests() {
      return replaces.map(Replaces::whatRests).orElse(false);
    }

    /** The request fields in which another order under the same id differs; empty if none does. */
    public List<String> differences(PlaceOrder other) {
      List<String> fields = new ArrayList<>(type.differences(other.type));
      if (isForWhatRests() && other.isForWhatRests()) {
        fields.remove("limit.quantity"); // the most that it may be, as its API saw the other order
      }
      if (selfTrade != other.selfTrade) {
        fields.add("self_trade_prevention");
      }
      if (!replaces.equals(other.replaces)) {
        fields.add("replaces_order_id");
      }
      return fields;
    }
  }

  /**
   * Reduce it.
   *
   * @param quantityUnits what it asks for in all from now on, in base units
   */
  record AmendOrder(
      String orderId,
      String account,
      String market,
      String clientOrderId,
      long timeMicros,
      long quantityUnits)
      implements Instruction {}

  /** Cancel what is left of it. */
  record CancelOrder(
      String orderId, String account, String market, String clientOrderId, long timeMicros)
      implements Instruction {}

  /**
   * Cancel what is left of all orders of the account that are open.
   *
   * @param market only orders of this market; of all markets of the partition when empty
   * @param side only orders of this side
   * @param deadlineMicros the deadline that has passed, if that is why; else 0
   * @param partOfAll the deadline is that of the switch for all markets; one for all follows it
   */
  record CancelAll(
      String orderId,
      String account,
      String market,
      Optional<Side> side,
      long timeMicros,
      long deadlineMicros,
      boolean partOfAll)
      implements Instruction {

    /** One that is no part of another. */
    public CancelAll(
        String orderId,
        String account,
        String market,
        Optional<Side> side,
        long timeMicros,
        long deadlineMicros) {
      this(orderId, account, market, side, timeMicros, deadlineMicros, false);
    }

    /** The market of the switch whose deadline it names; empty for all. */
    public String marketOfSwitch() {
      return partOfAll ? "" : market;
    }

    @Override
    public String clientOrderId() {
      return "";
    }

    boolean covers(OpenOrder order) {
      return (market.isEmpty() || market.equals(order.market()))
          && side.map(only -> only == order.side()).orElse(true);
    }
  }

  /**
   * Set the dead man's switch of an account.
   *
   * @param market the switch of this market; that for all markets of the partition when empty
   * @param deadlineMicros when all its open orders are to be cancelled; 0 unsets it
   */
  record ArmCancelAll(
      String orderId, String account, String market, long timeMicros, long deadlineMicros)
      implements Instruction {

    @Override
    public String clientOrderId() {
      return "";
    }
  }
}
