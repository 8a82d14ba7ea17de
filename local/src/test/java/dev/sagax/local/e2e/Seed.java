package dev.sagax.local.e2e;

/** Where a random test begins: {@code -Dsagax.seed=N} repeats a run. */
public final class Seed {
  private Seed() {}

  /** The given seed, else a new one; printed either way. */
  public static long of(Class<?> test) {
    long seed = Long.getLong("sagax.seed", System.nanoTime());
    System.out.println(test.getSimpleName() + ": repeat with -Dsagax.seed=" + seed);
    return seed;
  }
}
