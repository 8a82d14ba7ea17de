package dev.sagax.match.book;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sagax.match.book.BookEvent.Cancelled;
import dev.sagax.match.book.BookEvent.Completed;
import dev.sagax.match.book.BookEvent.Expired;
import dev.sagax.match.book.BookEvent.Reduced;
import dev.sagax.match.book.BookEvent.Rested;
import dev.sagax.match.book.BookEvent.Traded;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A book that is spoken to in words: {@code a1 sell 5 @ 101 ioc cancel-maker}, {@code b1 buy for
 * 1000}, {@code b2 sell 5}. The letters of an order's name are its account.
 */
final class Tape {
  private final OrderBook book;
  private final long lot;
  private final Map<String, Long> numbers = new HashMap<>();
  private final Map<Long, String> names = new HashMap<>();
  private List<BookEvent> events = List.of();

  Tape(BookTerms terms, long lot) {
    this.book = new OrderBook(terms);
    this.lot = lot;
  }

  Tape() {
    this(new BookTerms(1, 100), 1);
  }

  void resting(String... orders) {
    for (String order : orders) {
      submit(order);
      assertThat(events).as(order).hasSize(1).first().isInstanceOf(Rested.class);
    }
  }

  void submit(String order) {
    events = book.submit(parse(order));
  }

  void cancel(String name) {
    events = book.cancel(numbers.get(name));
  }

  void reduce(String name, long left) {
    events = book.reduce(numbers.get(name), left);
  }

  /** What the last instruction printed; blanks do not count. */
  void printed(String expected) {
    assertThat(lines(events.stream().map(this::line))).isEqualTo(lines(expected.lines()));
  }

  /** The whole book: buyers then sellers, best first. */
  void holds(String expected) {
    Stream<RestingOrder> resting =
        Stream.of(Side.BUY, Side.SELL).flatMap(side -> book.resting(side).stream());
    assertThat(lines(resting.map(this::line))).isEqualTo(lines(expected.lines()));
  }

  private Taker parse(String order) {
    String[] words = order.split(" +");
    String name = words[0];
    long number = numbers.size() + 1;
    numbers.put(name, number);
    names.put(number, name);
    String account = name.replaceAll("[0-9]+$", "");
    SelfTrade selfTrade =
        Arrays.stream(SelfTrade.values())
            .filter(mode -> order.endsWith(word(mode)))
            .findFirst()
            .orElse(SelfTrade.CANCEL_TAKER);
    if (words[2].equals("for")) {
      return new Taker.MarketBuy(number, account, Long.parseLong(words[3]), lot, selfTrade);
    }
    Side side = Side.valueOf(words[1].toUpperCase(java.util.Locale.ROOT));
    long quantity = Long.parseLong(words[2]);
    if (!order.contains("@")) {
      return new Taker.MarketSell(number, account, quantity, selfTrade);
    }
    TimeInForce timeInForce =
        Arrays.stream(TimeInForce.values())
            .filter(tif -> Arrays.asList(words).contains(word(tif)))
            .findFirst()
            .orElse(TimeInForce.GTC);
    return new Taker.Limit(
        number, account, side, Long.parseLong(words[4]), quantity, timeInForce, selfTrade);
  }

  private static String word(Enum<?> value) {
    return value.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
  }

  private String line(BookEvent event) {
    return switch (event) {
      case Traded t ->
          "%s -> %s %d @ %d = %d"
              .formatted(
                  name(t.makerNumber()), name(t.takerNumber()), t.quantity(), t.price(), t.quote());
      case Rested r -> "%s rests %d @ %d".formatted(name(r.number()), r.quantity(), r.price());
      case Cancelled c ->
          "%s cancelled %d %s".formatted(name(c.number()), c.left(), word(c.reason()));
      case Reduced r -> "%s reduced by %d to %d".formatted(name(r.number()), r.by(), r.left());
      case Expired e ->
          "%s expired %d %s".formatted(name(e.takerNumber()), e.left(), word(e.reason()));
      case Completed c ->
          "%s completed %d returned".formatted(name(c.takerNumber()), c.leftBudget());
    };
  }

  private String line(RestingOrder order) {
    return "%s %s %d @ %d"
        .formatted(name(order.number()), word(order.side()), order.quantity(), order.price());
  }

  private String name(long number) {
    return names.get(number);
  }

  private static String lines(Stream<String> lines) {
    return lines.map(line -> line.strip().replaceAll(" +", " ")).collect(Collectors.joining("\n"));
  }
}
