package dev.sagax.local.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.TextFormat;
import dev.sagax.local.LocalExchange;
import dev.sagax.platform.boot.ServiceConfig.Setting;
import dev.sagax.platform.boot.Version;
import dev.sagax.platform.log.Topic;
import dev.sagax.proto.asset.v1.FreezeAccountRequest;
import dev.sagax.proto.asset.v1.Transfer;
import dev.sagax.proto.asset.v1.UnfreezeAccountRequest;
import dev.sagax.proto.event.v1.BookUpdated;
import dev.sagax.proto.event.v1.MatchCancelRequested;
import dev.sagax.proto.event.v1.MatchRequested;
import dev.sagax.proto.event.v1.OrderCancelRequested;
import dev.sagax.proto.event.v1.OrderRequested;
import dev.sagax.proto.event.v1.OrderUpdated;
import dev.sagax.proto.event.v1.PlaceInstruction;
import dev.sagax.proto.event.v1.SettleCompleted;
import dev.sagax.proto.event.v1.SettleRequested;
import dev.sagax.proto.event.v1.TransferCompleted;
import dev.sagax.proto.event.v1.TransferRejected;
import dev.sagax.proto.event.v1.TransferRequested;
import dev.sagax.proto.market.v1.MarketState;
import dev.sagax.proto.market.v1.SetMarketStateRequest;
import dev.sagax.proto.order.v1.CancelAllAfterRequest;
import dev.sagax.proto.order.v1.Order;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

/**
 * Lets an exchange write events of every kind, and sees to it that bytes of each kind are kept for
 * later builds to read. With -Dsagax.write=true it keeps those of kinds that are missing, under
 * this build's version; what is kept is never written again.
 *
 * <p>To add a kind: let the exchange do in {@link #everything} what writes it, and if a field says
 * what the kind is, name it in {@link #kind}.
 */
class EventRecorderTest {
  static final Path EVENTS = Path.of("../proto/src/test/resources/events");
  private static final String USD = "USD";
  private static final String BTC = "BTC";

  /** It would find what we damage, and let no more orders in. */
  private static final String NO_AUDIT = "0";

  /** Dead letters have the bytes of the record that they are about. */
  private static final List<Topic> TOPICS =
      Arrays.stream(Topic.values()).filter(topic -> !topic.isDeadLetters()).toList();

  @Test
  void everyKindOfEventIsKept() throws IOException {
    try (TestExchange exchange = TestExchange.fresh(Map.of(Setting.AUDIT_SECONDS, NO_AUDIT));
        Log log = new Log(exchange.infrastructure().kafkaBootstrap(), LocalExchange.PARTITIONS)) {
      everything(exchange);

      Map<String, ConsumerRecord<byte[], byte[]>> missing = new TreeMap<>();
      for (Topic topic : TOPICS) {
        List<ConsumerRecord<byte[], byte[]>> records = log.read(topic);
        assertThat(records).as(topic.topicName).isNotEmpty();
        for (ConsumerRecord<byte[], byte[]> record : records) {
          String kind = topic.topicName + "/" + kind(topic, record.value());
          if (!isKept(kind)) {
            missing.putIfAbsent(kind, record);
          }
        }
      }
      if (Boolean.getBoolean("sagax.write")) {
        Path version = EVENTS.resolve(version());
        Files.createDirectories(version);
        if (Files.notExists(version.resolve("markets.yaml"))) {
          TestMarkets.write(version.resolve("markets.yaml"));
        }
        for (var kind : missing.entrySet()) {
          keep(version.resolve(kind.getKey()), kind.getValue());
        }
      } else {
        assertThat(missing.keySet()).as("run this with -Dsagax.write=true").isEmpty();
      }
    }
  }

  /** Of any version. */
  private static boolean isKept(String kind) throws IOException {
    if (Files.notExists(EVENTS)) {
      return false;
    }
    try (Stream<Path> versions = Files.list(EVENTS)) {
      return versions.anyMatch(version -> Files.exists(version.resolve(kind + ".bin")));
    }
  }

  private static void keep(Path kind, ConsumerRecord<byte[], byte[]> record) throws IOException {
    Files.createDirectories(kind.getParent());
    Message event = event(Topic.ofName(record.topic()).orElseThrow(), record.value());
    Files.write(kind.resolveSibling(kind.getFileName() + ".bin"), record.value());
    Files.writeString(
        kind.resolveSibling(kind.getFileName() + ".txtpb"),
        "# partition %d%n%s"
            .formatted(record.partition(), TextFormat.printer().printToString(event)));
  }

  /** "0.1.0" */
  private static String version() throws IOException {
    return new Version().getVersion()[0].replaceFirst("Sagax (\\d+\\.\\d+\\.\\d+).*", "$1");
  }

  // ---- what the exchange does

  private static void everything(TestExchange exchange) throws IOException {
    transfers(exchange);
    orders(exchange);
    ordersOfAnAccount(exchange);
    operators(exchange);
    try (Stores stores = new Stores(exchange.infrastructure())) {
      compensations(exchange, stores);
    }
  }

  private static void transfers(TestExchange exchange) {
    Trader alice = exchange.trader("alice");
    alice.deposit(USD, "100", "d-1");
    alice.deposit(USD, "100", "d-1");
    ignoringRefusal(() -> alice.deposit(USD, "200", "d-1"));
    Transfer paid = alice.withdraw(USD, "10", "w-1");
    Transfer returned = alice.withdraw(USD, "20", "w-2");
    alice.withdraw(USD, "1000", "w-3");
    alice.withdraw(USD, "1000", "w-3");
    alice.confirm(paid);
    alice.confirm(paid);
    alice.giveBack(returned);
    ignoringRefusal(() -> alice.confirm(returned));
    exchange
        .operator()
        .freezeAccount(
            FreezeAccountRequest.newBuilder()
                .setAccount(alice.account())
                .setReason("asked")
                .build());
    alice.withdraw(USD, "10", "w-4");
    exchange
        .operator()
        .unfreezeAccount(
            UnfreezeAccountRequest.newBuilder()
                .setAccount(alice.account())
                .setReason("lifted")
                .build());
  }

  private static void orders(TestExchange exchange) {
    String market = exchange.market();
    Trader maker = exchange.trader("maker").deposit(BTC, "10");
    Trader taker = exchange.trader("taker").deposit(USD, "10000");
    Order resting = maker.sell(market, "2", "100");
    taker.buy(market, "0.5", "100");
    taker.marketBuy(market, "50");
    maker.amend(resting, "1.5");
    Order replaced = taker.buy(market, "1", "90");
    taker.replace(replaced, "", "91");
    Order replacedWhole = taker.buy(market, "1", "80");
    taker.replace(replacedWhole, "2", "81");
    maker.marketSell(market, "0.1");
    maker.cancel(resting);
    maker.cancel(resting);
    taker.buy(market, "1000", "100");
    ignoringRefusal(() -> taker.cancel(market, "never-placed"));
    Order first = taker.buy(market, "0.1", "70");
    taker.place(
        taker
            .order(market)
            .setClientOrderId(first.getClientOrderId())
            .setLimit(
                Trader.limit(
                    dev.sagax.proto.order.v1.Side.SIDE_BUY,
                    "0.1",
                    "70",
                    dev.sagax.proto.order.v1.TimeInForce.TIME_IN_FORCE_GTC)));
    ignoringRefusal(() ->
        taker.place(
            taker
                .order(market)
                .setClientOrderId(first.getClientOrderId())
                .setLimit(
                    Trader.limit(
                        dev.sagax.proto.order.v1.Side.SIDE_BUY,
                        "0.2",
                        "70",
                        dev.sagax.proto.order.v1.TimeInForce.TIME_IN_FORCE_GTC))));
  }

  private static void ordersOfAnAccount(TestExchange exchange) {
    String market = exchange.market();
    Trader careful = exchange.trader("careful").deposit(USD, "1000");
    careful.buy(market, "1", "50");
    careful
        .orders()
        .cancelAllAfter(
            CancelAllAfterRequest.newBuilder()
                .setTimeout(com.google.protobuf.Duration.newBuilder().setSeconds(3_600))
                .build());
    careful.cancelAll();
  }

  private static void operators(TestExchange exchange) {
    exchange
        .marketAdmin()
        .setMarketState(
            SetMarketStateRequest.newBuilder()
                .setMarket(exchange.market())
                .setState(MarketState.MARKET_STATE_CANCEL_ONLY)
                .setReason("a trial")
                .build());
  }

  private static void compensations(TestExchange exchange, Stores stores) {
    String market = exchange.market();
    int partition = TestMarkets.partition(market);
    Trader maker = exchange.trader("emptied").deposit(BTC, "1");
    Trader taker = exchange.trader("innocent").deposit(USD, "1000");
    Order resting = maker.sell(market, "0.5", "100");
    stores.removeHold(partition, resting.getOrderId(), maker.account(), BTC);
    taker.buy(market, "0.5", "100");

    String full = exchange.market();
    Trader seller = exchange.trader("seller").deposit(BTC, "1");
    seller.sell(full, "0.5", "100");
    stores.sql(
        "insert into matching.trade values ($1, $2, 1, 1, 1, 1, $3, $3, 'a', 'b', 1)",
        full,
        Long.MAX_VALUE,
        new UUID(0, 0));
    stores.fence("matching", "match-svc", TestMarkets.partition(full));
    taker.buy(full, "0.5", "100");
  }

  /** The event says it, too. */
  private static void ignoringRefusal(Runnable call) {
    try {
      call.run();
    } catch (StatusRuntimeException refused) {
      assertThat(refused.getStatus().getCode().name())
          .isIn("ALREADY_EXISTS", "FAILED_PRECONDITION", "NOT_FOUND");
    }
  }

  // ---- what kinds there are

  private static Message event(Topic topic, byte[] value) throws InvalidProtocolBufferException {
    return switch (topic) {
      case ORDER_REQUESTED -> OrderRequested.parseFrom(value);
      case MATCH_REQUESTED -> MatchRequested.parseFrom(value);
      case SETTLE_REQUESTED -> SettleRequested.parseFrom(value);
      case SETTLE_COMPLETED -> SettleCompleted.parseFrom(value);
      case BOOK_UPDATED -> BookUpdated.parseFrom(value);
      case MATCH_CANCEL_REQUESTED -> MatchCancelRequested.parseFrom(value);
      case ORDER_CANCEL_REQUESTED -> OrderCancelRequested.parseFrom(value);
      case ORDER_UPDATED -> OrderUpdated.parseFrom(value);
      case TRANSFER_REQUESTED -> TransferRequested.parseFrom(value);
      case TRANSFER_COMPLETED -> TransferCompleted.parseFrom(value);
      case TRANSFER_REJECTED -> TransferRejected.parseFrom(value);
      case ORDER_DLQ, MATCH_DLQ, SETTLE_DLQ, TRANSFER_DLQ ->
          throw new IllegalArgumentException(topic + " has no events of its own");
    };
  }

  private static String kind(Topic topic, byte[] value) throws InvalidProtocolBufferException {
    return switch (event(topic, value)) {
      case OrderRequested event when event.hasPlace() -> placed(event.getPlace());
      case OrderRequested event -> words(event.getInstructionCase());
      case MatchRequested event when event.hasPlace() -> placed(event.getPlace());
      case MatchRequested event -> words(event.getRequestCase());
      case SettleRequested event ->
          joined(
              event.getFillsCount() > 0 ? "fills" : "",
              event.getReleasesCount() > 0 ? "releases" : "",
              event.hasTaker() ? "" : "without-taker");
      case SettleCompleted event ->
          joined(
              event.getTradesCount() > 0 ? "trades" : "",
              event.getOrdersCount() > 0 ? "orders" : "no-orders");
      case OrderCancelRequested event -> words(event.getReason());
      case OrderUpdated event ->
          joined(
              words(event.getStage()),
              event.getAnswer().getNumber() == 0 ? "" : words(event.getAnswer()),
              event.hasFill() ? "with-fill" : "",
              event.getCancellingCount() > 0 ? "cancelling" : "",
              marketOrder(event));
      case TransferRequested event ->
          event.hasWithdrawal() || event.hasFreeze()
              ? words(event.getDecisionCase())
              : words(event.getDirection());
      case TransferCompleted event ->
          joined(
              event.hasFreeze() ? "freeze" : words(event.getTransfer().getDirection()),
              words(event.getStage()),
              words(event.getAnswer()));
      case TransferRejected event -> joined(words(event.getRejection()), words(event.getAnswer()));
      default -> "any";
    };
  }

  private static String placed(PlaceInstruction place) {
    return joined(
        "place",
        words(place.getTerms().getTypeCase()),
        Optional.of(place)
            .filter(PlaceInstruction::hasReplaces)
            .map(p -> p.getReplaces().getWhatRests() ? "replaces-what-rests" : "replaces")
            .orElse(""));
  }

  private static String marketOrder(OrderUpdated event) {
    return switch (event.getOrder().getTerms().getTypeCase()) {
      case MARKET_BUY -> "market-buy";
      case MARKET_SELL -> "market-sell";
      case LIMIT, TYPE_NOT_SET -> "";
    };
  }

  private static String joined(String... words) {
    String joined =
        Arrays.stream(words).filter(word -> !word.isEmpty()).collect(Collectors.joining("-"));
    return joined.isEmpty() ? "nothing" : joined;
  }

  /** ORDER_REASON_MATCH_FAILED is match-failed. */
  private static String words(Enum<?> value) {
    return value
        .name()
        .replaceFirst(
            "^(ORDER_REASON|UPDATE_STAGE|INSTRUCTION_ANSWER|TRANSFER_(DIRECTION|ANSWER|STAGE|REJECTION))_",
            "")
        .toLowerCase(Locale.ROOT)
        .replace('_', '-');
  }
}
