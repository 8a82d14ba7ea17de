package dev.sagax.bench.chaos;

import dev.sagax.platform.log.DeterministicId;
import dev.sagax.proto.order.v1.AmendOrderRequest;
import dev.sagax.proto.order.v1.PlaceOrderRequest;

/** What a client wants. It has an id, under which it is asked for until there is an answer. */
sealed interface Ask {
  String account();

  /** The names of an order, which make its id. */
  record OrderName(String account, String market, String clientOrderId) {
    String orderId() {
      return DeterministicId.orderId(account, market, clientOrderId);
    }

    @Override
    public String toString() {
      return account + "/" + market + "/" + clientOrderId;
    }
  }

  /** Place an order. */
  record Place(OrderName order, PlaceOrderRequest request) implements Ask {
    @Override
    public String account() {
      return order.account();
    }
  }

  /** Cancel an order, which may not have been placed yet. */
  record Cancel(OrderName order) implements Ask {
    @Override
    public String account() {
      return order.account();
    }
  }

  /** Reduce an order, or replace it by another one; it may not have been placed yet. */
  record Amend(OrderName order, AmendOrderRequest request) implements Ask {
    @Override
    public String account() {
      return order.account();
    }

    boolean replaces() {
      return !request.getNewClientOrderId().isEmpty();
    }

    /** The one that is answered about: the order, or what is to take its place. */
    OrderName subject() {
      return replaces()
          ? new OrderName(order.account(), order.market(), request.getNewClientOrderId())
          : order;
    }
  }

  /**
   * Cancel whatever is open in a market.
   *
   * @param number makes two of them two wishes
   */
  record CancelAll(String account, String market, int number) implements Ask {}

  /** Money in. */
  record Deposit(String account, String asset, String amount, String requestId) implements Ask {}

  /** Money out; may be more than there is. */
  record Withdraw(String account, String asset, String amount, String requestId) implements Ask {}
}
