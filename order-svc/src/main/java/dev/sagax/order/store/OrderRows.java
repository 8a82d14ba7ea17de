package dev.sagax.order.store;

import dev.sagax.order.Instruction.PlaceOrder;
import dev.sagax.order.Instruction.PlaceOrder.Replaces;
import dev.sagax.order.MarketRules;
import dev.sagax.order.Order;
import dev.sagax.order.OrderReason;
import dev.sagax.order.OrderStatus;
import dev.sagax.order.OrderType;
import dev.sagax.order.SelfTrade;
import dev.sagax.order.Side;
import dev.sagax.order.TimeInForce;
import dev.sagax.platform.money.Asset;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;

/** An order as a row and back, many at a time as arrays of columns. */
final class OrderRows {
  private static final short LIMIT = 1;
  private static final short MARKET_BUY = 2;
  private static final short MARKET_SELL = 3;

  /** Which rows are open orders: the condition of the index of them, word for word. */
  static final String OPEN = "status <= 3";

  static final String INSERT =
      """
      insert into orders.orders(order_id, number, instruction, create_micros, update_micros, version,
        price_units, amount_units, filled_units, filled_quote_units, fee_units, left_units,
        tick_units, lot_units, type, side, time_in_force, status, reason,
        base_scale, quote_scale, maker_bps, taker_bps, placed,
        account, market, client_order_id, base_asset, quote_asset, self_trade, prevented_units,
        reduced_units, replaces, replaces_what_rests)
      select * from unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[],
        $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[],
        $13::bigint[], $14::bigint[], $15::smallint[], $16::smallint[], $17::smallint[], $18::smallint[],
        $19::smallint[], $20::smallint[], $21::smallint[], $22::smallint[], $23::smallint[], $24::boolean[],
        $25::text[], $26::text[], $27::text[], $28::text[], $29::text[], $30::smallint[], $31::bigint[],
        $32::bigint[], $33::uuid[], $34::boolean[])\
      """;

  static final String UPDATE =
      """
      update orders.orders o
      set update_micros = u.update_micros, version = u.version, filled_units = u.filled_units,
        filled_quote_units = u.filled_quote_units, fee_units = u.fee_units, left_units = u.left_units,
        status = u.status, reason = u.reason, placed = u.placed, prevented_units = u.prevented_units,
        reduced_units = u.reduced_units
      from unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[],
        $7::bigint[], $8::smallint[], $9::smallint[], $10::boolean[], $11::bigint[], $12::bigint[])
        as u(order_id, update_micros, version, filled_units, filled_quote_units, fee_units, left_units,
          status, reason, placed, prevented_units, reduced_units)
      where o.order_id = u.order_id\
      """;

  private OrderRows() {}

  static Tuple toInsert(List<Order> orders) {
    return Tuple.tuple()
        .addValue(column(orders, UUID[]::new, order -> toUuid(order.orderId())))
        .addValue(column(orders, Long[]::new, Order::number))
        .addValue(column(orders, Long[]::new, Order::instruction))
        .addValue(column(orders, Long[]::new, order -> order.request().timeMicros()))
        .addValue(column(orders, Long[]::new, Order::updateMicros))
        .addValue(column(orders, Long[]::new, Order::version))
        .addValue(column(orders, Long[]::new, order -> priceUnits(order.request().type())))
        .addValue(column(orders, Long[]::new, order -> order.request().type().amountUnits()))
        .addValue(column(orders, Long[]::new, Order::filledUnits))
        .addValue(column(orders, Long[]::new, Order::filledQuoteUnits))
        .addValue(column(orders, Long[]::new, Order::feeUnits))
        .addValue(column(orders, Long[]::new, Order::leftUnits))
        .addValue(column(orders, Long[]::new, order -> order.request().rules().tickUnits()))
        .addValue(column(orders, Long[]::new, order -> order.request().rules().lotUnits()))
        .addValue(column(orders, Short[]::new, order -> typeCode(order.request().type())))
        .addValue(codes(orders, order -> order.request().type().side().code))
        .addValue(codes(orders, order -> timeInForceCode(order.request().type())))
        .addValue(codes(orders, order -> order.status().code))
        .addValue(codes(orders, order -> order.reason().code))
        .addValue(codes(orders, order -> order.request().rules().base().scale()))
        .addValue(codes(orders, order -> order.request().rules().quote().scale()))
        .addValue(codes(orders, order -> order.request().rules().makerBps()))
        .addValue(codes(orders, order -> order.request().rules().takerBps()))
        .addValue(column(orders, Boolean[]::new, Order::placed))
        .addValue(column(orders, String[]::new, Order::account))
        .addValue(column(orders, String[]::new, Order::market))
        .addValue(column(orders, String[]::new, order -> order.request().clientOrderId()))
        .addValue(column(orders, String[]::new, order -> order.request().rules().base().name()))
        .addValue(column(orders, String[]::new, order -> order.request().rules().quote().name()))
        .addValue(codes(orders, order -> order.request().selfTrade().code))
        .addValue(column(orders, Long[]::new, Order::preventedUnits))
        .addValue(column(orders, Long[]::new, Order::reducedUnits))
        .addValue(column(orders, UUID[]::new, order -> replacedId(order.request())))
        .addValue(column(orders, Boolean[]::new, order -> whatRests(order.request())));
  }

  private static UUID replacedId(PlaceOrder request) {
    return request.replaces().map(replaces -> toUuid(replaces.orderId())).orElse(null);
  }

  private static boolean whatRests(PlaceOrder request) {
    return request.replaces().map(Replaces::whatRests).orElse(false);
  }

  static Tuple toUpdate(List<Order> orders) {
    return Tuple.tuple()
        .addValue(column(orders, UUID[]::new, order -> toUuid(order.orderId())))
        .addValue(column(orders, Long[]::new, Order::updateMicros))
        .addValue(column(orders, Long[]::new, Order::version))
        .addValue(column(orders, Long[]::new, Order::filledUnits))
        .addValue(column(orders, Long[]::new, Order::filledQuoteUnits))
        .addValue(column(orders, Long[]::new, Order::feeUnits))
        .addValue(column(orders, Long[]::new, Order::leftUnits))
        .addValue(codes(orders, order -> order.status().code))
        .addValue(codes(orders, order -> order.reason().code))
        .addValue(column(orders, Boolean[]::new, Order::placed))
        .addValue(column(orders, Long[]::new, Order::preventedUnits))
        .addValue(column(orders, Long[]::new, Order::reducedUnits));
  }

  static Order toOrder(Row row) {
    MarketRules rules =
        new MarketRules(
            new Asset(row.getString("base_asset"), row.getShort("base_scale")),
            new Asset(row.getString("quote_asset"), row.getShort("quote_scale")),
            row.getLong("tick_units"),
            row.getLong("lot_units"),
            row.getShort("maker_bps"),
            row.getShort("taker_bps"));
    PlaceOrder request =
        new PlaceOrder(
            toHex(row.getUUID("order_id")),
            row.getString("account"),
            row.getString("market"),
            row.getString("client_order_id"),
            row.getLong("create_micros"),
            toType(row),
            rules,
            SelfTrade.ofCode(row.getShort("self_trade")),
            Optional.ofNullable(row.getUUID("replaces"))
                .map(id -> new Replaces(toHex(id), row.getBoolean("replaces_what_rests"))));
    return new Order(
        request,
        row.getLong("instruction"),
        row.getLong("number"),
        OrderStatus.ofCode(row.getShort("status")),
        OrderReason.ofCode(row.getShort("reason")),
        row.getLong("filled_units"),
        row.getLong("filled_quote_units"),
        row.getLong("fee_units"),
        row.getLong("left_units"),
        row.getLong("prevented_units"),
        row.getLong("reduced_units"),
        row.getLong("update_micros"),
        row.getLong("version"),
        row.getBoolean("placed"));
  }

  private static OrderType toType(Row row) {
    long amount = row.getLong("amount_units");
    short type = row.getShort("type");
    return switch (type) {
      case LIMIT ->
          new OrderType.Limit(
              Side.ofCode(row.getShort("side")),
              row.getLong("price_units"),
              amount,
              TimeInForce.ofCode(row.getShort("time_in_force")));
      case MARKET_BUY -> new OrderType.MarketBuy(amount);
      case MARKET_SELL -> new OrderType.MarketSell(amount);
      default -> throw new IllegalStateException("There is no order type with the code " + type);
    };
  }

  private static short typeCode(OrderType type) {
    return switch (type) {
      case OrderType.Limit limit -> LIMIT;
      case OrderType.MarketBuy buy -> MARKET_BUY;
      case OrderType.MarketSell sell -> MARKET_SELL;
    };
  }

  private static long priceUnits(OrderType type) {
    return type instanceof OrderType.Limit limit ? limit.priceUnits() : 0;
  }

  private static int timeInForceCode(OrderType type) {
    return type instanceof OrderType.Limit limit ? limit.timeInForce().code : 0;
  }

  private static Short[] codes(List<Order> orders, Function<Order, Integer> code) {
    return column(orders, Short[]::new, order -> code.apply(order).shortValue());
  }

  static <S, T> T[] column(
      List<S> rows, java.util.function.IntFunction<T[]> array, Function<S, T> value) {
    T[] column = array.apply(rows.size());
    for (int i = 0; i < column.length; i++) {
      column[i] = value.apply(rows.get(i));
    }
    return column;
  }

  /** 32 hexadecimal digits as PostgreSQL keeps them, in 16 bytes. */
  static UUID toUuid(String hex) {
    return new UUID(
        Long.parseUnsignedLong(hex, 0, 16, 16), Long.parseUnsignedLong(hex, 16, 32, 16));
  }

  static String toHex(UUID uuid) {
    var hex = java.util.HexFormat.of();
    return hex.toHexDigits(uuid.getMostSignificantBits())
        + hex.toHexDigits(uuid.getLeastSignificantBits());
  }
}
