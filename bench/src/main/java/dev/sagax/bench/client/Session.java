package dev.sagax.bench.client;

import dev.sagax.proto.asset.v1.AssetServiceGrpc;
import dev.sagax.proto.dlq.v1.DeadLetterServiceGrpc;
import dev.sagax.proto.ledger.v1.LedgerServiceGrpc;
import dev.sagax.proto.market.v1.MarketDataServiceGrpc;
import dev.sagax.proto.order.v1.OrderServiceGrpc;
import dev.sagax.proto.partition.v1.PartitionServiceGrpc;
import dev.sagax.proto.saga.v1.SagaServiceGrpc;
import io.grpc.Channel;
import io.grpc.health.v1.HealthGrpc;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/** The services as one account sees them. Every call has a deadline. */
public final class Session {
  private static final Duration DEADLINE = Duration.ofSeconds(20);
  private static final Duration LONG_DEADLINE = Duration.ofMinutes(20);
  private static final Duration HEALTH_DEADLINE = Duration.ofSeconds(3);

  private final Channel order;
  private final Channel match;
  private final Channel settle;
  private final Channel asset;

  Session(Channel order, Channel match, Channel settle, Channel asset) {
    this.order = order;
    this.match = match;
    this.settle = settle;
    this.asset = asset;
  }

  public OrderServiceGrpc.OrderServiceBlockingStub orders() {
    return OrderServiceGrpc.newBlockingStub(order).withDeadlineAfter(DEADLINE);
  }

  /** Calls that are not waited for. */
  public OrderServiceGrpc.OrderServiceFutureStub orders(Duration deadline) {
    return OrderServiceGrpc.newFutureStub(order).withDeadlineAfter(deadline);
  }

  public SagaServiceGrpc.SagaServiceBlockingStub sagas() {
    return SagaServiceGrpc.newBlockingStub(order).withDeadlineAfter(DEADLINE);
  }

  public MarketDataServiceGrpc.MarketDataServiceBlockingStub markets() {
    return MarketDataServiceGrpc.newBlockingStub(match).withDeadlineAfter(DEADLINE);
  }

  public LedgerServiceGrpc.LedgerServiceBlockingStub ledger() {
    return LedgerServiceGrpc.newBlockingStub(settle).withDeadlineAfter(DEADLINE);
  }

  /** Calls that read the whole ledger. */
  public LedgerServiceGrpc.LedgerServiceBlockingStub longCalls() {
    return LedgerServiceGrpc.newBlockingStub(settle).withDeadlineAfter(LONG_DEADLINE);
  }

  /** Calls that are not waited for. */
  public AssetServiceGrpc.AssetServiceFutureStub assets(Duration deadline) {
    return AssetServiceGrpc.newFutureStub(asset).withDeadlineAfter(deadline);
  }

  public AssetServiceGrpc.AssetServiceBlockingStub assets() {
    return AssetServiceGrpc.newBlockingStub(asset).withDeadlineAfter(DEADLINE);
  }

  /** Who writes each dead-letter topic, and so knows its dead letters. */
  public Map<String, DeadLetterServiceGrpc.DeadLetterServiceBlockingStub> deadLetters() {
    Map<String, DeadLetterServiceGrpc.DeadLetterServiceBlockingStub> writers =
        new LinkedHashMap<>();
    writers.put("order.dlq", deadLetters(order));
    writers.put("match.dlq", deadLetters(match));
    writers.put("settle.dlq", deadLetters(settle));
    writers.put("transfer.dlq", deadLetters(settle));
    return writers;
  }

  /** The partitions of each service. */
  public Map<String, PartitionServiceGrpc.PartitionServiceBlockingStub> partitions() {
    Map<String, PartitionServiceGrpc.PartitionServiceBlockingStub> services = new LinkedHashMap<>();
    services.put("order-svc", partitions(order));
    services.put("match-svc", partitions(match));
    services.put("settle-svc", partitions(settle));
    services.put("asset-svc", partitions(asset));
    return services;
  }

  private static PartitionServiceGrpc.PartitionServiceBlockingStub partitions(Channel service) {
    return PartitionServiceGrpc.newBlockingStub(service).withDeadlineAfter(DEADLINE);
  }

  private static DeadLetterServiceGrpc.DeadLetterServiceBlockingStub deadLetters(Channel service) {
    return DeadLetterServiceGrpc.newBlockingStub(service).withDeadlineAfter(DEADLINE);
  }

  /** How each service is, by its name. */
  public Map<String, HealthGrpc.HealthBlockingStub> healths() {
    Map<String, HealthGrpc.HealthBlockingStub> healths = new LinkedHashMap<>();
    healths.put("order-svc", health(order));
    healths.put("match-svc", health(match));
    healths.put("settle-svc", health(settle));
    healths.put("asset-svc", health(asset));
    return healths;
  }

  private static HealthGrpc.HealthBlockingStub health(Channel service) {
    return HealthGrpc.newBlockingStub(service).withDeadlineAfter(HEALTH_DEADLINE);
  }
}
