package dev.sagax.order;

import dev.sagax.platform.money.Asset;
import dev.sagax.platform.money.Money;
import java.util.ArrayList;
import java.util.List;

/** What an order asks for. */
public sealed interface OrderType {

  /**
   * Trades at its price or better.
   *
   * @param priceUnits quote units per one whole base unit
   * @param quantityUnits base units
   */
  record Limit(Side side, long priceUnits, long quantityUnits, TimeInForce timeInForce)
      implements OrderType {}

  /** Buys at the best prices for up to an amount of the quote asset. */
  record MarketBuy(long quoteUnits) implements OrderType {
    @Override
    public Side side() {
      return Side.BUY;
    }
  }

  /** Sells a quantity at the best prices. */
  record MarketSell(long quantityUnits) implements OrderType {
    @Override
    public Side side() {
      return Side.SELL;
    }
  }

  Side side();

  /** What can be filled: base units, or quote units for a market buy. */
  default long amountUnits() {
    return switch (this) {
      case Limit limit -> limit.quantityUnits;
      case MarketBuy buy -> buy.quoteUnits;
      case MarketSell sell -> sell.quantityUnits;
    };
  }

  /** The asset that {@link #amountUnits} counts. */
  default Asset orderedAsset(MarketRules rules) {
    return switch (this) {
      case Limit limit -> rules.base();
      case MarketBuy buy -> rules.quote();
      case MarketSell sell -> rules.base();
    };
  }

  /** The asset that the order pays with. */
  default Asset paidAsset(MarketRules rules) {
    return side() == Side.BUY ? rules.quote() : rules.base();
  }

  /** The asset that the order receives, and that its fee is taken from. */
  default Asset receivedAsset(MarketRules rules) {
    return side() == Side.BUY ? rules.base() : rules.quote();
  }

  /**
   * What must be held for it, in units of {@link #paidAsset}: ceil(price x quantity) for a limit
   * buy, the quote amount of a market buy, the quantity of a sell.
   *
   * @throws ArithmeticException if that exceeds a long
   */
  default long holdUnits(MarketRules rules) {
    return switch (this) {
      case Limit limit ->
          limit.side == Side.BUY
              ? Money.quoteCeil(limit.priceUnits, limit.quantityUnits, rules.base().unitsPerWhole())
              : limit.quantityUnits;
      case MarketBuy buy -> buy.quoteUnits;
      case MarketSell sell -> sell.quantityUnits;
    };
  }

  /** The request fields in which another order under the same id differs; empty if none does. */
  default List<String> differences(OrderType other) {
    return switch (this) {
      case Limit mine when other instanceof Limit theirs -> differences(mine, theirs);
      case MarketBuy mine when other instanceof MarketBuy theirs ->
          mine.equals(theirs) ? List.of() : List.of("market_buy.quote_amount");
      case MarketSell mine when other instanceof MarketSell theirs ->
          mine.equals(theirs) ? List.of() : List.of("market_sell.quantity");
      case Limit mine -> List.of("type");
      case MarketBuy mine -> List.of("type");
      case MarketSell mine -> List.of("type");
    };
  }

  private static List<String> differences(Limit mine, Limit theirs) {
    List<String> fields = new ArrayList<>();
    if (mine.side != theirs.side) {
      fields.add("limit.side");
    }
    if (mine.priceUnits != theirs.priceUnits) {
      fields.add("limit.price");
    }
    if (mine.quantityUnits != theirs.quantityUnits) {
      fields.add("limit.quantity");
    }
    if (mine.timeInForce != theirs.timeInForce) {
      fields.add("limit.time_in_force");
    }
    return fields;
  }
}
