package dev.sagax.local.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sagax.local.StoreCheck;
import dev.sagax.local.infra.Infrastructure;
import dev.sagax.platform.log.KafkaSettings;
import dev.sagax.platform.rpc.Scope;
import dev.sagax.proto.asset.v1.Balance;
import dev.sagax.proto.order.v1.Order;
import dev.sagax.proto.order.v1.OrderStatus;
import dev.sagax.proto.order.v1.PlaceOrderRequest;
import dev.sagax.proto.order.v1.Side;
import dev.sagax.proto.order.v1.TimeInForce;
import dev.sagax.proto.order.v1.Wait;
import dev.sagax.proto.partition.v1.ListPartitionsRequest;
import dev.sagax.proto.partition.v1.Partition;
import dev.sagax.proto.partition.v1.PartitionServiceGrpc;
import dev.sagax.proto.partition.v1.PartitionState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Stores are put back from backups, as docs/operations.md says: what goes on, and what is refused.
 */
class RestoreTest {
  private static final String POSTGRES = "postgres/data";
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  @TempDir private Path backups;

  @Test
  void everythingOfOneMomentOfAStoppedExchangeGoesOnFromThere() throws IOException {
    try (TestExchange exchange = TestExchange.fresh()) {
      String market = exchange.market();
      Trader buyer = exchange.trader("buyer").deposit("USD", "1000");
      Trader seller = exchange.trader("seller").deposit("BTC", "1");
      seller.sell(market, "0.5", "100");
      buyer.buy(market, "0.2", "100");
      List<Balance> before = buyer.balances();
      exchange.restart(
          data -> servers().forEach(name -> copy(data.resolve(name), backups.resolve(name))));
      buyer.buy(market, "0.1", "100");

      exchange.restart(
          data -> servers().forEach(name -> putBack(backups.resolve(name), data.resolve(name))));

      assertThat(findings(exchange)).isEmpty();
      assertThat(buyer.balances()).isEqualTo(before);
      buyer.buy(market, "0.3", "100");
      assertThat(Tape.book(buyer, market)).isEqualTo("|");
      exchange.assertConserved();
    }
  }

  @Test
  void postgresThatIsRecoveredToItsLastWalGoesOnAndOneThatWentBackIsRefused() throws IOException {
    Path base = backups.resolve("base");
    Path lost = backups.resolve("lost");
    Path archive = Files.createDirectory(backups.resolve("archive"));
    try (TestExchange exchange = TestExchange.fresh()) {
      String market = exchange.market();
      Trader buyer = exchange.trader("buyer").fund("USD", "10000");
      Trader seller = exchange.trader("seller").fund("BTC", "10");
      trade(market, buyer, seller, 3);
      exchange.restart(data -> {
        archiveTo(archive, data.resolve(POSTGRES));
        copy(data.resolve(POSTGRES), base);
      });
      trade(market, buyer, seller, 3);
      exchange.infrastructure().postgres().kill();

      exchange.restart(data -> {
        copy(data.resolve(POSTGRES), lost);
        putBack(base, data.resolve(POSTGRES));
        append(data.resolve(POSTGRES + "/postgresql.conf"), "archive_mode = off\n");
      });

      assertThat(findings(exchange))
          .isNotEmpty()
          .allMatch(finding -> finding.startsWith("PostgreSQL went back in time: "));
      Eventually.passes(
          PATIENCE,
          () ->
              assertThat(partitions(exchange))
                  .filteredOn(p -> p.getState() == PartitionState.PARTITION_STATE_STOPPED)
                  .isNotEmpty()
                  .allSatisfy(partition ->
                      assertThat(partition.getDetail())
                          .contains("PostgreSQL went back in time", "stores check")));
      Order late = buyer.place(buy(buyer, market).setWait(Wait.WAIT_ACK));
      assertThat(late.getStatus()).isEqualTo(OrderStatus.ORDER_STATUS_ACCEPTED);

      exchange.restart(data -> {
        putBack(base, data.resolve(POSTGRES));
        recover(archive, lost.resolve("pg_wal"), data.resolve(POSTGRES));
      });

      assertThat(findings(exchange)).isEmpty();
      Eventually.passes(
          PATIENCE,
          () -> assertThat(buyer.get(late).getStatus()).isEqualTo(OrderStatus.ORDER_STATUS_OPEN));
      placed(seller, sell(seller, market), OrderStatus.ORDER_STATUS_FILLED);
      Eventually.passes(
          PATIENCE,
          () -> {
            assertThat(Tape.trades(buyer, market)).hasSize(7);
            buyer.has("BTC", "0.6987", "0");
            buyer.has("USD", "9930", "0");
            seller.has("BTC", "9.3", "0");
            seller.has("USD", "69.92", "0");
            exchange.assertConserved();
          });
    }
  }

  /** Fills of 0.1 at 100, one after the other, however busy the machine is. */
  private static void trade(String market, Trader buyer, Trader seller, int fills) {
    for (int n = 0; n < fills; n++) {
      placed(seller, sell(seller, market), OrderStatus.ORDER_STATUS_OPEN);
      placed(buyer, buy(buyer, market), OrderStatus.ORDER_STATUS_FILLED);
    }
  }

  private static PlaceOrderRequest.Builder buy(Trader trader, String market) {
    return trader
        .order(market)
        .setLimit(Trader.limit(Side.SIDE_BUY, "0.1", "100", TimeInForce.TIME_IN_FORCE_GTC));
  }

  private static PlaceOrderRequest.Builder sell(Trader trader, String market) {
    return trader
        .order(market)
        .setLimit(Trader.limit(Side.SIDE_SELL, "0.1", "100", TimeInForce.TIME_IN_FORCE_GTC));
  }

  /** Asks again with the same id until it is so. */
  private static void placed(
      Trader trader, PlaceOrderRequest.Builder request, OrderStatus expected) {
    Eventually.passes(
        PATIENCE, () -> assertThat(trader.place(request).getStatus()).isEqualTo(expected));
  }

  private static List<String> servers() {
    return List.of("kafka", "redis", "postgres");
  }

  private static List<String> findings(TestExchange exchange) {
    Infrastructure infrastructure = exchange.infrastructure();
    try (StoreCheck stores =
        StoreCheck.at(
            infrastructure.postgresUri(), new KafkaSettings(infrastructure.kafkaBootstrap()))) {
      return stores.findings();
    }
  }

  private static List<Partition> partitions(TestExchange exchange) {
    return Stream.of(exchange.order(), exchange.match(), exchange.settle())
        .flatMap(service ->
            PartitionServiceGrpc.newBlockingStub(service)
                .withInterceptors(TestExchange.bearer(exchange.token("operator", Scope.OPERATOR)))
                .listPartitions(ListPartitionsRequest.getDefaultInstance())
                .getPartitionsList()
                .stream())
        .toList();
  }

  // ---- PostgreSQL's own ways

  private static void archiveTo(Path archive, Path data) {
    append(
        data.resolve("postgresql.conf"),
        """
        archive_mode = on
        archive_command = 'test ! -f %1$s/%%f && cp %%p %1$s/%%f'
        """
            .formatted(archive));
  }

  /** All that was archived, and what the lost one had not archived yet. */
  private static void recover(Path archive, Path lostWal, Path data) {
    try (Stream<Path> segments = Files.list(lostWal)) {
      for (Path segment : segments.filter(Files::isRegularFile).toList()) {
        if (Files.notExists(archive.resolve(segment.getFileName()))) {
          Files.copy(segment, archive.resolve(segment.getFileName()));
        }
      }
      append(
          data.resolve("postgresql.conf"),
          "restore_command = 'cp %s/%%f %%p'\nhot_standby = off\n".formatted(archive));
      Files.createFile(data.resolve("recovery.signal"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  // ---- files

  private static void append(Path file, String text) {
    try {
      Files.writeString(file, text, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void putBack(Path backup, Path place) {
    try (Stream<Path> files = Files.walk(place)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    copy(backup, place);
  }

  private static void copy(Path from, Path to) {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Files.copy(
            file,
            to.resolve(from.relativize(file).toString()),
            StandardCopyOption.COPY_ATTRIBUTES,
            LinkOption.NOFOLLOW_LINKS);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
