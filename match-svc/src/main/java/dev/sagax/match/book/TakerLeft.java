package dev.sagax.match.book;

/** What is left of one taker while it goes through the other side of the book. */
sealed interface TakerLeft {

  /** In base units, or quote units of a market buy. */
  long units();

  /** How much of a maker it can take, in base units; 0: the price is not for it. */
  long take(long makerPrice, long makerLeft);

  /** It has traded. */
  void traded(long price, long quantity, long quote);

  /** Wants a quantity at a limit price or better. */
  final class OfQuantity implements TakerLeft {
    private final Side side;
    private final long limitPrice;
    private long left;

    OfQuantity(Side side, long limitPrice, long quantity) {
      this.side = side;
      this.limitPrice = limitPrice;
      this.left = quantity;
    }

    @Override
    public long units() {
      return left;
    }

    @Override
    public long take(long makerPrice, long makerLeft) {
      return side.reaches(limitPrice, makerPrice) ? Math.min(left, makerLeft) : 0;
    }

    @Override
    public void traded(long price, long quantity, long quote) {
      left -= quantity;
    }
  }

  /** Wants as many whole lots as its budget pays for, up to a highest price. */
  final class OfBudget implements TakerLeft {
    private final long highestPrice;
    private final long lot;
    private final long baseUnitsPerWhole;
    private long left;
    private long lastPrice;

    OfBudget(long budget, long highestPrice, long lot, long baseUnitsPerWhole) {
      this.highestPrice = highestPrice;
      this.left = budget;
      this.lot = lot;
      this.baseUnitsPerWhole = baseUnitsPerWhole;
    }

    @Override
    public long units() {
      return left;
    }

    @Override
    public long take(long makerPrice, long makerLeft) {
      if (makerPrice > highestPrice) {
        return 0;
      }
      if (Quotes.pays(left, makerPrice, makerLeft, baseUnitsPerWhole)) {
        return makerLeft;
      }
      long quantity = Quotes.affordable(left, makerPrice, baseUnitsPerWhole);
      return quantity - quantity % lot;
    }

    @Override
    public void traded(long price, long quantity, long quote) {
      left -= quote;
      lastPrice = price;
    }

    boolean hasTraded() {
      return lastPrice > 0;
    }

    /** Whether what is left pays for one more lot at the price of the last trade. */
    boolean paysOneMoreLot() {
      return Quotes.pays(left, lastPrice, lot, baseUnitsPerWhole);
    }
  }
}
