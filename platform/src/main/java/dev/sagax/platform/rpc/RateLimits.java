package dev.sagax.platform.rpc;

import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.refusal.Refusal;
import dev.sagax.proto.auth.v1.MethodClass;
import io.vertx.core.AsyncResult;
import io.vertx.core.Vertx;
import io.vertx.grpc.common.GrpcStatus;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts the calls of each account by method class. No call waits for that: tokens are taken from
 * the shared bucket some at a time and spent here, and an account of which nothing is known yet may
 * call on credit, up to half a bucket. What was spent on credit is told to the bucket at once; it
 * may then hold less than nothing, and what comes back pays it, whether or not the account calls
 * meanwhile. While the shared buckets cannot be reached nobody is limited: limits protect the
 * house, they are not money. Safe on any thread.
 */
public final class RateLimits {
  private static final Logger LOG = LoggerFactory.getLogger(RateLimits.class);
  private static final int MAX_SHARES = 20_000;
  private static final long OPEN_MILLIS = 1_000;
  private static final long ANSWER_MILLIS = 100;
  private static final long PATIENCE_MILLIS = 500;

  private final Map<MethodClass, RateLimit> limits;
  private final Buckets buckets;
  private final LongSupplier millis;
  private final AtomicLong refused = new AtomicLong();
  private final AtomicLong unlimited = new AtomicLong();
  private final Map<Owner, Share> shares =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Owner, Share> eldest) {
          return size() > MAX_SHARES;
        }
      };
  private long openUntilMillis = Long.MIN_VALUE;
  private boolean away;

  private record Owner(String account, MethodClass methodClass) {}

  /** What this process has of one bucket. */
  private static final class Share {
    private int tokens;

    /** What was spent on credit, and is not yet known to be taken out of the bucket. */
    private int debt;

    private int left;
    private boolean asked;
    private boolean asking;
    private long blockedUntilMillis = Long.MIN_VALUE;
  }

  /**
   * @param millis a clock that never goes back
   */
  RateLimits(Map<MethodClass, RateLimit> limits, Buckets buckets, LongSupplier millis) {
    this.limits = Map.copyOf(limits);
    this.buckets = buckets;
    this.millis = millis;
  }

  /**
   * Limits whose buckets all replicas share.
   *
   * @param uri the Redis with the buckets
   */
  public static RateLimits inRedis(Vertx vertx, String uri, Map<MethodClass, RateLimit> limits) {
    return limits.isEmpty()
        ? none()
        : new RateLimits(
            limits,
            new RedisBuckets(vertx, uri, PATIENCE_MILLIS),
            () -> TimeUnit.NANOSECONDS.toMillis(System.nanoTime()));
  }

  /** Limits nobody. */
  public static RateLimits none() {
    return new RateLimits(Map.of(), (account, methodClass, limit, owed, wanted) -> null, () -> 0);
  }

  /** How many calls were refused. */
  public long refused() {
    return refused.get();
  }

  /** How many calls were let in uncounted, because the buckets could not be reached. */
  public long unlimited() {
    return unlimited.get();
  }

  /** Of how many buckets there are shares here. */
  synchronized int size() {
    return shares.size();
  }

  /**
   * Counts a call; how the account stands then, or nothing where it is not limited.
   *
   * @param calls as how many calls it counts, at least 1. It is let in whole if one call is: what
   *     it counts beyond what there is the account owes.
   * @throws FailureException RATE_LIMITED
   */
  synchronized Optional<RateStanding> spend(String account, MethodClass methodClass, int calls) {
    RateLimit limit = limits.get(methodClass);
    if (limit == null) {
      return Optional.empty();
    }
    long now = millis.getAsLong();
    if (now < openUntilMillis) {
      unlimited.incrementAndGet();
      return Optional.empty();
    }
    Owner owner = new Owner(account, methodClass);
    Share share = shares.computeIfAbsent(owner, first -> new Share());
    refill(owner, share, limit, now);
    boolean hasCredit = now >= share.blockedUntilMillis && share.debt < credit(limit);
    if (share.tokens > 0 || hasCredit) {
      int paid = Math.min(share.tokens, calls);
      share.tokens -= paid;
      share.debt += calls - paid;
      refill(owner, share, limit, now);
    } else {
      refused.incrementAndGet();
      throw limited(owner, limit, share, now);
    }
    return Optional.of(standing(limit, share, 0));
  }

  private void refill(Owner owner, Share share, RateLimit limit, long now) {
    boolean mayHaveMore = share.tokens <= batch(limit) / 4 && now >= share.blockedUntilMillis;
    if (!share.asking && (share.debt > 0 || mayHaveMore)) {
      share.asking = true;
      int owed = share.debt;
      buckets
          .take(owner.account(), owner.methodClass(), limit, owed, batch(limit))
          .onComplete(taken -> taken(owner, share, limit, owed, taken));
    }
  }

  /** What was owed may be taken also if no answer came; nobody pays twice. */
  private synchronized void taken(
      Owner owner, Share share, RateLimit limit, int owed, AsyncResult<Buckets.Taken> answer) {
    share.asking = false;
    share.debt -= owed;
    if (answer.failed()) {
      letAllIn(answer.cause());
      return;
    }
    if (away) {
      away = false;
      LOG.info("Calls are counted again");
    }
    Buckets.Taken taken = answer.result();
    int paid = Math.min(taken.granted(), share.debt);
    share.debt -= paid;
    share.tokens += taken.granted() - paid;
    share.left = taken.left();
    share.asked = true;
    if (taken.granted() == 0) {
      share.blockedUntilMillis = millis.getAsLong() + Math.max(ANSWER_MILLIS, taken.nextMillis());
    }
    if (share.debt > 0) {
      refill(owner, share, limit, millis.getAsLong());
    }
  }

  private void letAllIn(Throwable why) {
    openUntilMillis = millis.getAsLong() + OPEN_MILLIS;
    if (!away) {
      away = true;
      LOG.warn("Calls cannot be counted, so nobody is limited: {}", why.toString());
    }
  }

  private static int batch(RateLimit limit) {
    return Math.max(1, limit.burst() / 10);
  }

  private static int credit(RateLimit limit) {
    return Math.max(1, limit.burst() / 2);
  }

  private static RateStanding standing(RateLimit limit, Share share, long retryMillis) {
    int known = share.asked ? share.left + share.tokens : limit.burst();
    int remaining = Math.clamp(known - share.debt, 0, limit.burst());
    return new RateStanding(
        limit.burst(), remaining, limit.secondsToFill(limit.burst() - remaining), retryMillis);
  }

  private static FailureException limited(Owner owner, RateLimit limit, Share share, long now) {
    long retryMillis = Math.max(ANSWER_MILLIS, share.blockedUntilMillis - now);
    RateStanding standing =
        new RateStanding(limit.burst(), 0, limit.secondsToFill(limit.burst()), retryMillis);
    String word = RateLimit.wordOf(owner.methodClass());
    Refusal refusal =
        Refusal.of(
                Reason.RATE_LIMITED,
                "The account calls methods of the class %s more often than %d times a second, and its %d in advance are used up; try again in %d ms."
                    .formatted(word, limit.perSecond(), limit.burst(), retryMillis))
            .with("method_class", word);
    return new FailureException(
        new Failure(GrpcStatus.RESOURCE_EXHAUSTED, refusal, Optional.of(standing)));
  }
}
