package dev.sagax.platform.rpc;

/**
 * How much a server stream may cost.
 *
 * @param queuedMessages the most that wait for one client
 * @param queuedBytes the most that they weigh; a single message may weigh more
 * @param patienceMillis how long a queue may stay full, and how long a dropped client has to read
 *     its status before the stream is reset
 * @param heartbeatMillis the longest silence
 * @param perAccount streams of one account at a time
 * @param perService streams of all accounts at a time
 */
record StreamLimits(
    int queuedMessages,
    int queuedBytes,
    long patienceMillis,
    long heartbeatMillis,
    int perAccount,
    int perService) {
  static final StreamLimits USUAL = new StreamLimits(1_000, 1024 * 1024, 5_000, 10_000, 20, 1_000);
}
