package dev.sagax.bench.chaos;

import dev.sagax.local.ServiceProcess;
import dev.sagax.local.infra.RedisServer;
import io.vertx.sqlclient.Row;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Redis loses what it had answered for. The services must notice, and must neither serve nor
 * journal anything until the ledger is rebuilt.
 */
final class LostLedger implements Blow {
  private static final long NOTICED_MILLIS = 20_000;
  private static final long WATCHED_MILLIS = 1_500;
  private static final long LOOK_MILLIS = 50;

  /** More answers than clients that had asked before, so some are for what was asked after. */
  private static final int ANSWERS = 400;

  private static final long ANSWERS_MILLIS = 30_000;

  /** How far the journal is, in a line. */
  private static final String JOURNALED =
      """
      select (select coalesce(sum(position), 0) from ledger.step_input) || ' '
        || (select count(*) from ledger.hold) || ' ' || (select count(*) from ledger.leg)
        || ' ' || (select count(*) from ledger.transfer) as text\
      """;

  private final Fault.LoseLedger fault;
  private final Stack stack;
  private final Load load;
  private final Told told;
  private final Runbook runbook;
  private final Tampering tampering;
  private final List<Finding> findings = new ArrayList<>();
  private boolean lost;

  LostLedger(
      Fault.LoseLedger fault,
      Stack stack,
      Load load,
      Told told,
      Runbook runbook,
      Tampering tampering) {
    this.fault = fault;
    this.stack = stack;
    this.load = load;
    this.told = told;
    this.runbook = runbook;
    this.tampering = tampering;
  }

  @Override
  public int begin() throws InterruptedException {
    int work =
        switch (fault.loss()) {
          case FLUSHALL -> flush();
          case CUT_AOF -> cut();
        };
    if (lost) {
      demandRefusal();
    }
    return work;
  }

  private int flush() throws InterruptedException {
    int work = Blows.awaitWork(load::unanswered);
    stack.redis().flushAll();
    lost = true;
    return work;
  }

  /** Cuts back to before what clients have already been answered; not if they get no answers. */
  private int cut() throws InterruptedException {
    long base = stack.redis().info("aof_base_size");
    long before = stack.redis().info("aof_current_size");
    long enough = told.answers() + ANSWERS;
    long end = System.nanoTime() + ANSWERS_MILLIS * 1_000_000;
    while (told.answers() < enough) {
      if (System.nanoTime() > end) {
        return 0;
      }
      Thread.sleep(LOOK_MILLIS);
    }
    int work = Blows.awaitWork(load::unanswered);
    RedisServer redis = stack.infrastructure().redis();
    redis.kill();
    long left = Math.max(base, before - fault.bytes());
    try (RandomAccessFile file = new RandomAccessFile(redis.appendOnlyFile().toFile(), "rw")) {
      if (file.length() <= before) {
        findings.add(
            Finding.wrong("The append-only file was rewritten meanwhile; it was not cut."));
      } else {
        file.setLength(left);
        lost = true;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    redis.start();
    return work;
  }

  /** No instance is ready, and for a while nothing is journaled. */
  private void demandRefusal() throws InterruptedException {
    List<ServiceProcess> ledgers =
        stack.instances().stream()
            .filter(process -> process.service().equals(Service.SETTLE.processName))
            .toList();
    long end = System.nanoTime() + NOTICED_MILLIS * 1_000_000;
    while (ledgers.stream().anyMatch(ServiceProcess::isReady)) {
      if (System.nanoTime() > end) {
        findings.add(
            Finding.wrong(
                "Redis has lost what it had answered for, and %s is ready all the same."
                    .formatted(ledgers.stream().filter(ServiceProcess::isReady).toList())));
        return;
      }
      Thread.sleep(LOOK_MILLIS);
    }
    String journaled = journaled();
    Thread.sleep(WATCHED_MILLIS);
    if (!journaled.equals(journaled())) {
      findings.add(
          Finding.wrong("Something was journaled after Redis had lost what it had answered for."));
    }
    if (fault.loss() == Fault.Loss.FLUSHALL && stack.redis().keysOfALedger() > 0) {
      findings.add(Finding.wrong("Somebody wrote to the emptied Redis as if it were a new one."));
    }
  }

  private String journaled() {
    Row row = stack.stores().rows(JOURNALED).getFirst();
    return row.getString("text");
  }

  @Override
  public void heal() throws InterruptedException {
    if (lost) {
      runbook.rebuild();
      tampering.end();
    }
  }

  @Override
  public List<Finding> findings() {
    return findings;
  }
}
