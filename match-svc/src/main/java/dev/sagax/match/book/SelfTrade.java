package dev.sagax.match.book;

/** What happens instead of a trade of an account with itself. The taker's mode counts. */
public enum SelfTrade {
  /** The rest of the taker expires; its fills so far are kept. */
  CANCEL_TAKER,
  /** The maker is cancelled and the taker goes on. */
  CANCEL_MAKER,
  /** The maker is cancelled and the rest of the taker expires. */
  CANCEL_BOTH
}
