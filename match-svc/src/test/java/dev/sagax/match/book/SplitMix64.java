package dev.sagax.match.book;

/** A small generator of our own, so that a seed means the same on every JDK. */
public final class SplitMix64 {
  private long state;

  public SplitMix64(long seed) {
    this.state = seed;
  }

  public long next() {
    state += 0x9e3779b97f4a7c15L;
    long z = state;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }

  /** From 0 up to, not including, the bound. */
  public long below(long bound) {
    return Long.remainderUnsigned(next(), bound);
  }

  public int below(int bound) {
    return (int) below((long) bound);
  }

  public boolean percent(int chance) {
    return below(100) < chance;
  }

  public <T> T oneOf(T[] values) {
    return values[below(values.length)];
  }
}
