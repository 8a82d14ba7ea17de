package dev.sagax.platform.tracing;

import io.opentelemetry.api.common.AttributeKey;

/** What a span says about the business. No amounts, no balances, no accounts. */
public enum Fact {
  ORDER_ID("sagax.order_id"),
  MARKET("sagax.market"),
  TRANSFER_ID("sagax.transfer_id"),
  /** The status that the order has after the step. */
  ORDER_STATUS("sagax.order_status"),
  /** The orders that the order met, of which each has a trace of its own; separated by commas. */
  MAKER_ORDER_IDS("sagax.maker_order_ids");

  final AttributeKey<String> key;

  Fact(String key) {
    this.key = AttributeKey.stringKey(key);
  }
}
