package dev.sagax.bench.chaos;

/**
 * Something that must not be.
 *
 * @param count how often: of orders, calls, records and so on
 * @param sentence what it is, for people
 */
record Finding(Kind kind, int count, String sentence) {
  enum Kind {
    /** What a client was told of is not there. */
    LOST,
    /** Something that may be there once is there more than once. */
    DOUBLED,
    /** It did not come to its end in time. */
    STUCK,
    /** All else: two views contradict each other. */
    WRONG
  }

  static Finding stuck(int count, String sentence) {
    return new Finding(Kind.STUCK, count, "Stuck: " + sentence);
  }

  static Finding wrong(String sentence) {
    return new Finding(Kind.WRONG, 1, sentence);
  }

  @Override
  public String toString() {
    return sentence;
  }
}
