package dev.sagax.match.book;

/**
 * The facts of a market that its book computes with.
 *
 * @param baseUnitsPerWhole base units in one whole of the base asset: prices are quote units per
 *     that many base units
 * @param maxFills how many makers one taker may meet (trade with, or cancel as its own) before its
 *     rest expires, so that the outcome of an instruction is bounded
 * @param bandBps how far from the price of the last trade an order may trade, in basis points of
 *     it; 0 for as far as it likes
 */
public record BookTerms(long baseUnitsPerWhole, int maxFills, int bandBps) {

  public BookTerms {
    Expect.positive("baseUnitsPerWhole", baseUnitsPerWhole);
    Expect.positive("maxFills", maxFills);
  }

  /** Of a market without a price band. */
  public BookTerms(long baseUnitsPerWhole, int maxFills) {
    this(baseUnitsPerWhole, maxFills, 0);
  }
}
