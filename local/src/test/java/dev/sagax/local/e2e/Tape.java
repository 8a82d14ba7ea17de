package dev.sagax.local.e2e;

import static java.util.stream.Collectors.joining;

import dev.sagax.proto.market.v1.GetOrderBookRequest;
import dev.sagax.proto.market.v1.ListTradesRequest;
import dev.sagax.proto.market.v1.PriceLevel;
import dev.sagax.proto.market.v1.Trade;
import dev.sagax.proto.order.v1.Order;
import dev.sagax.proto.order.v1.OrderReason;
import dev.sagax.proto.order.v1.Side;
import java.util.List;

/** Orders, trades and books in one line, so that a test says all of it at once. */
final class Tape {
  private Tape() {}

  /** "EXPIRED IMMEDIATE_OR_CANCEL 0.3 for 30, fee 0.0006 BTC, left 0" */
  static String of(Order order) {
    String reason =
        order.getReason() == OrderReason.ORDER_REASON_UNSPECIFIED
            ? ""
            : " " + order.getReason().name().substring("ORDER_REASON_".length());
    return "%s%s %s for %s, fee %s %s, left %s"
        .formatted(
            order.getStatus().name().substring("ORDER_STATUS_".length()),
            reason,
            order.getFilledQuantity(),
            order.getFilledQuote(),
            order.getFee(),
            order.getFeeAsset(),
            order.getRemaining());
  }

  /** All trades of a market, oldest first: "BUY 0.1 @ 100 for 10". */
  static List<String> trades(Trader viewer, String market) {
    return rawTrades(viewer, market).reversed().stream().map(Tape::of).toList();
  }

  /** All trades of a market, newest first. */
  static List<Trade> rawTrades(Trader viewer, String market) {
    return viewer
        .markets()
        .listTrades(ListTradesRequest.newBuilder().setMarket(market).setPageSize(1_000).build())
        .getTradesList();
  }

  private static String of(Trade trade) {
    return "%s %s @ %s for %s"
        .formatted(
            trade.getTakerSide() == Side.SIDE_BUY ? "BUY" : "SELL",
            trade.getQuantity(),
            trade.getPrice(),
            trade.getQuoteAmount());
  }

  /**
   * "99x0.1(1) | 100x0.2(2) 101x0.3(1)": bids, then asks, best first, with the number of orders.
   */
  static String book(Trader viewer, String market) {
    var book =
        viewer.markets().getOrderBook(GetOrderBookRequest.newBuilder().setMarket(market).build());
    return levels(book.getBidsList()) + "|" + levels(book.getAsksList());
  }

  private static String levels(List<PriceLevel> levels) {
    return levels.stream()
        .map(l -> "%sx%s(%d)".formatted(l.getPrice(), l.getQuantity(), l.getOrders()))
        .collect(joining(" "));
  }
}
