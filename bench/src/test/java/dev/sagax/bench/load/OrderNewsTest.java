package dev.sagax.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sagax.proto.event.v1.LimitTerms;
import dev.sagax.proto.event.v1.MarketRules;
import dev.sagax.proto.event.v1.OrderState;
import dev.sagax.proto.event.v1.OrderTerms;
import dev.sagax.proto.event.v1.OrderUpdated;
import dev.sagax.proto.event.v1.UpdateStage;
import dev.sagax.proto.order.v1.OrderStatus;
import org.junit.jupiter.api.Test;

class OrderNewsTest {

  @Test
  void theOrdersOwnFieldsAreReadAmongAllOthers() {
    OrderState.Builder order =
        OrderState.newBuilder()
            .setOrderId("0123456789abcdef0123456789abcdef")
            .setAccount("trader-0007")
            .setMarket("AAA-USD")
            .setClientOrderId("16-123456")
            .setTerms(OrderTerms.newBuilder().setLimit(LimitTerms.newBuilder().setPriceUnits(100)))
            .setRules(MarketRules.newBuilder().setBaseAsset("AAA"))
            .setStatus(OrderStatus.ORDER_STATUS_PARTIALLY_FILLED)
            .setFilledUnits(5)
            .setFilledQuoteUnits(500)
            .setVersion(3)
            .setPlaced(true);

    assertThat(read(order)).isEqualTo(new OrderNews(123_456, true, false, true));
    assertThat(read(order.setFilledUnits(0).setPlaced(false)))
        .isEqualTo(new OrderNews(123_456, false, false, false));
    assertThat(read(order.setStatus(OrderStatus.ORDER_STATUS_REJECTED).setPlaced(true)))
        .isEqualTo(new OrderNews(123_456, true, true, false));
  }

  private static OrderNews read(OrderState.Builder order) {
    return OrderNews.read(
        OrderUpdated.newBuilder()
            .setInstruction(77)
            .setStage(UpdateStage.UPDATE_STAGE_SETTLED)
            .setOrder(order)
            .setOrderId(order.getOrderId())
            .build()
            .toByteArray());
  }
}
