package dev.sagax.match.book;

/** How long a limit order may rest. */
public enum TimeInForce {
  /** Good till cancelled: what does not trade at once rests. */
  GTC,
  /** Immediate or cancel: what does not trade at once expires. */
  IOC,
  /** Fill or kill: trades wholly at once, or not at all. */
  FOK,
  /** Rests as a whole or expires as a whole: never takes. */
  POST_ONLY
}
