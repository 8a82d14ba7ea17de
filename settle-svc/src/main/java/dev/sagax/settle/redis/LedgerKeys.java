package dev.sagax.settle.redis;

import dev.sagax.settle.Flow;
import dev.sagax.settle.FlowPartition;

/** The ledger's keys. All carry one hash tag, so that a script may touch any of them. */
final class LedgerKeys {
  private static final String TAG = "{ledger}:";

  /** Which building of the ledger this is; a rebuilt ledger has a higher one. */
  static final String EPOCH = TAG + "epoch";

  /** What the epoch begins with while the ledger is rebuilt: an epoch that no service has. */
  static final String REBUILDING = "rebuilding ";

  /** Who writes; left behind by a script that broke off midway. */
  static final String DIRTY = TAG + "dirty";

  /** The run_id of the Redis process whose AOF is known to be sound. */
  static final String RUN = TAG + "run";

  /** Hash: asset -> all deposits less all withdrawals. */
  static final String SUPPLY = TAG + "supply";

  /** Hash: asset -> fees collected. */
  static final String FEES = TAG + "fees";

  /** Hash: key of an account -> 1, of accounts for which nothing new is held. */
  static final String FROZEN = TAG + "frozen";

  /** Field of a log that holds the last applied position. */
  static final String MARK = "mark";

  private static final String ACCOUNT = TAG + "acct:";
  private static final String HOLDS = TAG + "hold:";
  private static final String LOG = TAG + "log:";

  static final String AVAILABLE = ":a";
  static final String HELD = ":h";
  static final String LEFT = ":l";

  private LedgerKeys() {}

  /** Hash: asset:a -> available, asset:h -> held. */
  static String account(String account) {
    return ACCOUNT + account;
  }

  /**
   * Hash: order -> amount held, order:l -> what is left to be filled; withdrawal -> amount held,
   * withdrawal:l -> the same.
   */
  static String holds(int partition) {
    return HOLDS + partition;
  }

  /** Hash: mark -> last applied position; position -> verdict. */
  static String log(FlowPartition log) {
    return LOG + log.flow().word + ":" + log.partition();
  }

  static boolean isAccount(String key) {
    return key.startsWith(ACCOUNT);
  }

  static String accountOf(String key) {
    return key.substring(ACCOUNT.length());
  }

  static boolean isHolds(String key) {
    return key.startsWith(HOLDS);
  }

  static boolean isLog(String key) {
    return key.startsWith(LOG);
  }

  static FlowPartition logOf(String key) {
    String[] words = key.substring(LOG.length()).split(":", 2);
    for (Flow flow : Flow.values()) {
      if (flow.word.equals(words[0])) {
        return new FlowPartition(flow, Integer.parseInt(words[1]));
      }
    }
    throw new IllegalStateException("No flow of the ledger has the key " + key + ".");
  }

  static String all() {
    return TAG + "*";
  }
}
