package dev.sagax.local.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sagax.local.LocalExchange;
import dev.sagax.platform.log.Topic;
import dev.sagax.proto.order.v1.Order;
import dev.sagax.proto.order.v1.OrderStatus;
import dev.sagax.proto.order.v1.Side;
import dev.sagax.proto.order.v1.TimeInForce;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Where no collector is named. */
@ExtendWith(SharedExchange.class)
class TracesOffTest {

  @Test
  void noRecordHasATraceThoughTheClientGaveOne(TestExchange exchange) {
    String market = exchange.market();
    Trader buyer = exchange.trader("buyer").deposit("USD", "100");

    Order order =
        buyer
            .orders()
            .withInterceptors(
                TestExchange.header(
                    "traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"))
            .placeOrder(
                buyer
                    .order(market)
                    .setLimit(
                        Trader.limit(Side.SIDE_BUY, "0.1", "100", TimeInForce.TIME_IN_FORCE_GTC))
                    .build())
            .getOrder();

    assertThat(order.getStatus()).isEqualTo(OrderStatus.ORDER_STATUS_OPEN);
    try (Log log = new Log(exchange.infrastructure().kafkaBootstrap(), LocalExchange.PARTITIONS)) {
      List<ConsumerRecord<byte[], byte[]>> records =
          Stream.of(Topic.ORDER_REQUESTED, Topic.MATCH_REQUESTED, Topic.ORDER_UPDATED)
              .flatMap(topic -> log.read(topic).stream())
              .filter(record -> isAbout(record, order.getOrderId(), market))
              .toList();
      assertThat(records).hasSizeGreaterThanOrEqualTo(4);
      assertThat(records).noneMatch(record -> record.headers().lastHeader("traceparent") != null);
      assertThat(new Sagas(exchange, log).of(buyer, order).getTraceId()).isEmpty();
    }
  }

  private static boolean isAbout(
      ConsumerRecord<byte[], byte[]> record, String orderId, String market) {
    String key = new String(record.key(), StandardCharsets.UTF_8);
    return key.equals(orderId) || key.equals(market);
  }
}
