package dev.sagax.order;

import dev.sagax.platform.log.DeterministicId;
import dev.sagax.platform.money.Market;
import dev.sagax.platform.money.Markets;
import dev.sagax.platform.money.Money;
import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.refusal.Refusal;
import dev.sagax.platform.refusal.RefusedException;
import java.util.EnumSet;
import java.util.Set;

/**
 * What may go into the log: the shape of an order and the rules of its market. Every refusal is a
 * {@link RefusedException} that names the field and the rule.
 */
public final class Admission {
  private static final int MAX_ID_LENGTH = 64;
  private static final String PRICE = "limit.price";
  private static final String QUANTITY = "limit.quantity";
  private static final String QUOTE_AMOUNT = "market_buy.quote_amount";
  private static final String REDUCED_QUANTITY = "quantity";
  private static final String SOLD_QUANTITY = "market_sell.quantity";

  private static final Set<Reason> OF_MARKET_RULES =
      EnumSet.of(
          Reason.OFF_TICK,
          Reason.OFF_LOT,
          Reason.PRICE_TOO_SMALL,
          Reason.BELOW_MIN_NOTIONAL,
          Reason.MARKET_CANCEL_ONLY,
          Reason.MARKET_POST_ONLY,
          Reason.MARKET_HALTED);

  private final Markets markets;

  public Admission(Markets markets) {
    this.markets = markets;
  }

  /** FIELD_REQUIRED, UNKNOWN_MARKET. */
  public Market market(String field, String name) {
    if (name.isEmpty()) {
      throw refuse(Reason.FIELD_REQUIRED, field, "Expected the name of a market.");
    }
    return markets
        .market(name)
        .orElseThrow(() ->
            refuse(
                Reason.UNKNOWN_MARKET, field, "There is no market \"" + printable(name) + "\"."));
  }

  /** FIELD_REQUIRED, INVALID_ID. */
  public String clientOrderId(String field, String id) {
    if (id.isEmpty()) {
      throw refuse(Reason.FIELD_REQUIRED, field, "Expected an id of your own for the order.");
    }
    if (!isId(id)) {
      throw refuse(
          Reason.INVALID_ID,
          field,
          "Expected 1 to %d characters of A-Z, a-z, 0-9 and ._:-, but got \"%s\" of length %d."
              .formatted(MAX_ID_LENGTH, printable(id), id.length()));
    }
    return id;
  }

  /** INVALID_ID if it is not 32 lowercase hexadecimal digits. */
  public static String orderId(String field, String id) {
    if (!DeterministicId.isWellFormed(id)) {
      throw refuse(
          Reason.INVALID_ID,
          field,
          "Expected 32 lowercase hexadecimal digits, but got \"" + printable(id) + "\".");
    }
    return id;
  }

  /**
   * True if the market refuses now what its shape allows, by rules that a restart may change or
   * because it takes cancels only: the same order may have been admitted before.
   */
  public static boolean isOfMarketRules(RefusedException refused) {
    return OF_MARKET_RULES.contains(refused.refusal().reason());
  }

  /** A limit order as the request says it, not yet checked. Refused if a decimal is malformed. */
  public static OrderType.Limit limit(
      MarketRules rules, Side side, String price, String quantity, TimeInForce timeInForce) {
    return new OrderType.Limit(
        side,
        rules.quote().parse(PRICE, price),
        rules.base().parse(QUANTITY, quantity),
        timeInForce);
  }

  /** As {@link #limit}. */
  public static OrderType.MarketBuy marketBuy(MarketRules rules, String quoteAmount) {
    return new OrderType.MarketBuy(rules.quote().parse(QUOTE_AMOUNT, quoteAmount));
  }

  /** As {@link #limit}. */
  public static OrderType.MarketSell marketSell(MarketRules rules, String quantity) {
    return new OrderType.MarketSell(rules.base().parse(SOLD_QUANTITY, quantity));
  }

  /**
   * Checks an order under the rules of its market as they are now. Refused with the first rule it
   * breaks: of the price, of the quantity, of both together.
   */
  public static void check(OrderType type, MarketRules rules, Market market) {
    recheck(type, rules);
    switch (type) {
      case OrderType.Limit limit -> {
        long notional =
            Money.quoteFloor(
                limit.priceUnits(), limit.quantityUnits(), rules.base().unitsPerWhole());
        notBelowMinimum(QUANTITY, notional, market);
      }
      case OrderType.MarketBuy buy -> notBelowMinimum(QUOTE_AMOUNT, buy.quoteUnits(), market);
      case OrderType.MarketSell sell -> {}
    }
  }

  /**
   * Checks again what was admitted under its frozen rules, as it comes out of the log. Refused as
   * at the API, except that the minimum notional is not frozen.
   */
  public static void recheck(OrderType type, MarketRules rules) {
    switch (type) {
      case OrderType.Limit limit -> {
        positive(PRICE, limit.priceUnits());
        onTick(limit.priceUnits(), rules);
        positive(QUANTITY, limit.quantityUnits());
        inLots(QUANTITY, limit.quantityUnits(), rules);
        countable(limit, rules);
        worthOneUnit(limit, rules);
      }
      case OrderType.MarketBuy buy -> positive(QUOTE_AMOUNT, buy.quoteUnits());
      case OrderType.MarketSell sell -> {
        positive(SOLD_QUANTITY, sell.quantityUnits());
        inLots(SOLD_QUANTITY, sell.quantityUnits(), rules);
      }
    }
  }

  /** The terms of an order that may rest; ORDER_NOT_AMENDABLE if it is none. */
  public static OrderType.Limit resting(Order order) {
    if (order.request().type() instanceof OrderType.Limit limit && limit.timeInForce().rests()) {
      return limit;
    }
    throw refuse(
        Reason.ORDER_NOT_AMENDABLE,
        "order_id",
        "Only limit orders that may rest (GTC, POST_ONLY) can be amended.");
  }

  /**
   * What an order is to be reduced to, in base units. Refused if it is no limit order, if it asks
   * for less already, or if the quantity breaks a rule that the order was admitted under, or the
   * market's least notional.
   */
  public long reduction(Order order, String quantity) {
    MarketRules rules = order.request().rules();
    long units = rules.base().parse(REDUCED_QUANTITY, quantity);
    OrderType.Limit limit = resting(order);
    positive(REDUCED_QUANTITY, units);
    inLots(REDUCED_QUANTITY, units, rules);
    if (units > order.askedUnits()) {
      throw refuse(
          Reason.ORDER_NOT_AMENDABLE,
          REDUCED_QUANTITY,
          "Expected at most the %s %s that the order asks for, but got %s; with a new_client_order_id it is replaced."
              .formatted(
                  rules.base().format(order.askedUnits()),
                  rules.base().name(),
                  rules.base().format(units)));
    }
    notBelowMinimum(
        REDUCED_QUANTITY,
        Money.quoteFloor(limit.priceUnits(), units, rules.base().unitsPerWhole()),
        market("market", order.market()));
    return units;
  }

  /** True for 1 to 64 characters of [A-Za-z0-9._:-]. */
  public static boolean isId(String id) {
    if (id.isEmpty() || id.length() > MAX_ID_LENGTH) {
      return false;
    }
    for (int i = 0; i < id.length(); i++) {
      if (!isIdCharacter(id.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  private static boolean isIdCharacter(char c) {
    return c >= 'a' && c <= 'z'
        || c >= 'A' && c <= 'Z'
        || c >= '0' && c <= '9'
        || "._:-".indexOf(c) >= 0;
  }

  private static void positive(String field, long units) {
    if (units <= 0) {
      throw refuse(
          Reason.NOT_POSITIVE, field, "Expected a number above zero, but got " + units + ".");
    }
  }

  private static void onTick(long priceUnits, MarketRules rules) {
    if (priceUnits % rules.tickUnits() != 0) {
      throw refuse(
          Reason.OFF_TICK,
          PRICE,
          "Expected a whole number of ticks of %s %s, but got %s."
              .formatted(
                  rules.quote().format(rules.tickUnits()),
                  rules.quote().name(),
                  rules.quote().format(priceUnits)));
    }
  }

  private static void inLots(String field, long quantityUnits, MarketRules rules) {
    if (quantityUnits % rules.lotUnits() != 0) {
      throw refuse(
          Reason.OFF_LOT,
          field,
          "Expected a whole number of lots of %s %s, but got %s."
              .formatted(
                  rules.base().format(rules.lotUnits()),
                  rules.base().name(),
                  rules.base().format(quantityUnits)));
    }
  }

  private static void countable(OrderType.Limit limit, MarketRules rules) {
    try {
      Money.quoteCeil(limit.priceUnits(), limit.quantityUnits(), rules.base().unitsPerWhole());
    } catch (ArithmeticException tooLarge) {
      throw refuse(
          Reason.AMOUNT_OVERFLOW,
          QUANTITY,
          "%s x %s is more %s than the ledger can count."
              .formatted(
                  rules.quote().format(limit.priceUnits()),
                  rules.base().format(limit.quantityUnits()),
                  rules.quote().name()));
    }
  }

  private static void worthOneUnit(OrderType.Limit limit, MarketRules rules) {
    long lotQuoteUnits =
        Money.quoteFloor(limit.priceUnits(), rules.lotUnits(), rules.base().unitsPerWhole());
    if (lotQuoteUnits < 1) {
      throw refuse(
          Reason.PRICE_TOO_SMALL,
          PRICE,
          "At %s one lot of %s %s is worth less than the smallest unit of %s."
              .formatted(
                  rules.quote().format(limit.priceUnits()),
                  rules.base().format(rules.lotUnits()),
                  rules.base().name(),
                  rules.quote().name()));
    }
  }

  private static void notBelowMinimum(String field, long quoteUnits, Market market) {
    if (quoteUnits < market.minNotionalUnits()) {
      throw refuse(
          Reason.BELOW_MIN_NOTIONAL,
          field,
          "Expected an order of at least %s %s, but got %s."
              .formatted(
                  market.quote().format(market.minNotionalUnits()),
                  market.quote().name(),
                  market.quote().format(quoteUnits)));
    }
  }

  private static String printable(String text) {
    String safe = text.replaceAll("[^ -~]", "?");
    return safe.length() <= MAX_ID_LENGTH ? safe : safe.substring(0, MAX_ID_LENGTH) + "...";
  }

  private static RefusedException refuse(Reason reason, String field, String message) {
    return Refusal.ofField(reason, field, message).asException();
  }
}
