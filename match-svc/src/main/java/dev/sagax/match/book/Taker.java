package dev.sagax.match.book;

/** An order that arrives. */
public sealed interface Taker {

  /** Its number in the book: unique and increasing; decides priority within a price. */
  long number();

  String account();

  Side side();

  SelfTrade selfTrade();

  /**
   * Trades at its price or better.
   *
   * @param price quote units per one whole base unit
   * @param quantity base units
   */
  record Limit(
      long number,
      String account,
      Side side,
      long price,
      long quantity,
      TimeInForce timeInForce,
      SelfTrade selfTrade)
      implements Taker {

    public Limit {
      Expect.positive("price", price);
      Expect.positive("quantity", quantity);
    }
  }

  /**
   * Buys at the best prices for up to its budget, in whole lots, never over.
   *
   * @param budget quote units
   * @param lot base units; what it buys is a whole multiple of this
   */
  record MarketBuy(long number, String account, long budget, long lot, SelfTrade selfTrade)
      implements Taker {

    public MarketBuy {
      Expect.positive("budget", budget);
      Expect.positive("lot", lot);
    }

    @Override
    public Side side() {
      return Side.BUY;
    }
  }

  /**
   * Sells at the best prices.
   *
   * @param quantity base units
   */
  record MarketSell(long number, String account, long quantity, SelfTrade selfTrade)
      implements Taker {

    public MarketSell {
      Expect.positive("quantity", quantity);
    }

    @Override
    public Side side() {
      return Side.SELL;
    }
  }
}
