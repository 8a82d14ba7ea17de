package dev.sagax.bench.replay;

import dev.sagax.bench.replay.Funding.Need;
import dev.sagax.bench.replay.Instruction.Side;
import dev.sagax.platform.money.Market;
import dev.sagax.platform.money.Markets;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the owners must have at the end of an undisturbed replay, computed from the recorded trades
 * and book alone.
 */
final class RecordedBalances {
  private final Map<String, Market> markets = new TreeMap<>();
  private final Map<Need, BigDecimal> available = new TreeMap<>();
  private final Map<Need, BigDecimal> held = new TreeMap<>();

  private RecordedBalances() {
    Markets.load(RecordedFiles.path("markets.yaml"), 4)
        .markets()
        .forEach(market -> markets.put(market.name(), market));
  }

  /** Like "MAKER EUR", with "1.5 available, 2 held"; without what is nothing. */
  static Map<String, String> compute() {
    RecordedBalances balances = new RecordedBalances();
    OrderFile orders = OrderFile.read(RecordedFiles.path("orders.csv"), Long.MAX_VALUE);
    balances.available.putAll(Funding.of(orders.places(), RecordedFlowTest.rules()));
    RecordedTrade.read(RecordedFiles.path("trades.csv")).values().stream()
        .flatMap(List::stream)
        .forEach(balances::trade);
    BookSide.read(RecordedFiles.path("book.csv")).forEach(balances::rest);
    return balances.tell();
  }

  private void trade(RecordedTrade trade) {
    Market market = markets.get(trade.market());
    BigDecimal quote =
        trade
            .price()
            .multiply(trade.quantity())
            .setScale(market.quote().scale(), RoundingMode.DOWN);
    boolean takerBuys = trade.takerSide() == Side.BUY;
    Owner buyer = takerBuys ? Owner.TAKER : Owner.MAKER;
    Owner seller = takerBuys ? Owner.MAKER : Owner.TAKER;
    String baseAsset = market.base().name();
    String quoteAsset = market.quote().name();
    add(available, buyer, quoteAsset, quote.negate());
    add(available, buyer, baseAsset, withoutFee(trade.quantity(), buyer, market, baseAsset));
    add(available, seller, baseAsset, trade.quantity().negate());
    add(available, seller, quoteAsset, withoutFee(quote, seller, market, quoteAsset));
  }

  private static BigDecimal withoutFee(
      BigDecimal proceeds, Owner owner, Market market, String asset) {
    int scale = (asset.equals(market.base().name()) ? market.base() : market.quote()).scale();
    int bps = owner == Owner.MAKER ? market.makerBps() : market.takerBps();
    BigDecimal fee = proceeds.multiply(BigDecimal.valueOf(bps, 4)).setScale(scale, RoundingMode.UP);
    return proceeds.subtract(fee.min(proceeds));
  }

  /**
   * All that rests is the maker's. A price times a quantity has no more decimals than its asset.
   */
  private void rest(BookSide side, Map<BigDecimal, BigDecimal> levels) {
    Market market = markets.get(side.market());
    boolean buys = side.side() == Side.BUY;
    String asset = (buys ? market.quote() : market.base()).name();
    levels.forEach((price, quantity) -> {
      BigDecimal hold = buys ? price.multiply(quantity) : quantity;
      add(available, Owner.MAKER, asset, hold.negate());
      add(held, Owner.MAKER, asset, hold);
    });
  }

  private static void add(
      Map<Need, BigDecimal> balances, Owner owner, String asset, BigDecimal amount) {
    balances.merge(new Need(owner, asset), amount, BigDecimal::add);
  }

  private Map<String, String> tell() {
    Map<String, String> told = new TreeMap<>();
    available.forEach((whose, amount) ->
        put(told, whose.owner(), whose.asset(), amount, held.getOrDefault(whose, BigDecimal.ZERO)));
    return told;
  }

  /** One balance in the words of {@link #compute}. */
  static void put(
      Map<String, String> told, Owner owner, String asset, BigDecimal available, BigDecimal held) {
    if (available.signum() != 0 || held.signum() != 0) {
      told.put(owner + " " + asset, plain(available) + " available, " + plain(held) + " held");
    }
  }

  private static String plain(BigDecimal amount) {
    return amount.signum() == 0 ? "0" : amount.stripTrailingZeros().toPlainString();
  }
}
