package dev.sagax.bench.replay;

import java.math.BigDecimal;

/** One line of an order file. */
sealed interface Instruction {

  /** Where it stands in the file, for messages. */
  int line();

  String market();

  String clientOrderId();

  Owner owner();

  /** Which way an order trades. */
  enum Side {
    BUY,
    SELL
  }

  /**
   * Places a limit order: POST_ONLY for the maker, IOC for the taker.
   *
   * @param price as it is sent
   * @param quantity as it is sent
   */
  record Place(
      int line,
      String market,
      String clientOrderId,
      Owner owner,
      Side side,
      String price,
      String quantity)
      implements Instruction {

    /** price x quantity, exact. */
    BigDecimal notional() {
      return new BigDecimal(price).multiply(new BigDecimal(quantity));
    }
  }

  /** Cancels what is left of an order that an earlier line placed. */
  record Cancel(int line, String market, String clientOrderId, Owner owner)
      implements Instruction {}
}
