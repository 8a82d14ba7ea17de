package dev.sagax.asset;

import dev.sagax.asset.api.AssetApi;
import dev.sagax.asset.api.BalanceWatches;
import dev.sagax.asset.ledger.LedgerClient;
import dev.sagax.asset.saga.KafkaTransferLog;
import dev.sagax.asset.saga.MovedAccounts;
import dev.sagax.asset.saga.TransferSaga;
import dev.sagax.asset.store.AssetsSchema;
import dev.sagax.asset.store.PgTransfers;
import dev.sagax.platform.boot.ServiceConfig;
import dev.sagax.platform.boot.ServicePlatform;
import dev.sagax.platform.boot.ServiceVerticle;
import dev.sagax.platform.fault.FaultPoint;
import dev.sagax.platform.log.FaultyAppender;
import dev.sagax.platform.log.LogAppender;
import dev.sagax.platform.log.LogFollower;
import dev.sagax.platform.log.LogRecord;
import dev.sagax.platform.log.Topic;
import io.vertx.core.Future;
import java.time.InstantSource;
import java.util.List;

/** asset-svc: balances, deposits and withdrawals as clients see them. */
public final class AssetVerticle extends ServiceVerticle {
  private static final int WAITING_CALLS_A_PARTITION = 2_500;

  public AssetVerticle(ServiceConfig config) {
    super(TransferSaga.SERVICE, config);
  }

  @Override
  protected Future<Void> assemble(ServicePlatform platform) {
    AwaitedAnswers answers = new AwaitedAnswers(WAITING_CALLS_A_PARTITION);
    LogFollower follower =
        platform.follow(
            List.of(Topic.TRANSFER_COMPLETED, Topic.TRANSFER_REJECTED),
            KafkaTransferLog.deliverTo(answers));
    PgTransfers transfers = new PgTransfers(platform.db());
    AssetApi api = api(platform, answers, follower, transfers);
    api.register(platform.edge());
    LogFollower moves =
        platform.follow(MovedAccounts.TOPICS, record -> tell(record, api.watches()));
    return platform
        .migrate(new AssetsSchema())
        .compose(migrated -> {
          platform.runSaga(
              TransferSaga.definition(
                  transfers, new TransferRules(platform.markets()), platform.accountPartitions()));
          return follower.started();
        })
        .compose(started -> moves.started());
  }

  private static void tell(LogRecord record, BalanceWatches watches) {
    if (!watches.isEmpty()) {
      MovedAccounts.of(record).ifPresent(watches::moved);
    }
  }

  private static AssetApi api(
      ServicePlatform platform,
      AwaitedAnswers answers,
      LogFollower follower,
      PgTransfers transfers) {
    ServiceConfig config = platform.config();
    LogAppender appender =
        new FaultyAppender(
            platform.appender(),
            platform.faults(),
            FaultPoint.ASSET_API_BEFORE_APPEND,
            FaultPoint.ASSET_API_AFTER_APPEND);
    TransferLog log = new KafkaTransferLog(appender, follower, platform::accountPartitions);
    LedgerClient ledger = new LedgerClient(platform.channel(config.ledgerAddresses()));
    TransferDesk desk =
        new TransferDesk(platform.vertx(), log, transfers, answers, InstantSource.system());
    return new AssetApi(
        platform.vertx(), platform.markets(), desk, transfers, ledger, ledger, platform.faults());
  }
}
