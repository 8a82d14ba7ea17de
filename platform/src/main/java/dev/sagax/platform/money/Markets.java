package dev.sagax.platform.money;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** All assets and markets, read from the one YAML file that every service shares. */
public final class Markets {
  private static final Pattern ASSET_NAME = Pattern.compile("[A-Z0-9]{1,16}");
  private static final Pattern MARKET_NAME = Pattern.compile("[A-Z0-9]{1,16}-[A-Z0-9]{1,16}");
  private static final Pattern ACCOUNT = Pattern.compile("[A-Za-z0-9._:-]{1,64}");
  private static final int MAX_BPS = 10_000;

  private final Map<String, Asset> assets = new TreeMap<>();
  private final Map<String, Market> markets = new TreeMap<>();
  private final Map<AccountAtMarket, Fees> feeOverrides = new HashMap<>();

  private record AccountAtMarket(String account, String market) {}

  private record AssetRow(
      @JsonProperty(required = true) String name, @JsonProperty(required = true) int scale) {}

  private record MarketRow(
      @JsonProperty(required = true) String name,
      @JsonProperty(required = true) String base,
      @JsonProperty(required = true) String quote,
      @JsonProperty(required = true) BigDecimal tick,
      @JsonProperty(required = true) BigDecimal lot,
      @JsonProperty("min_notional") BigDecimal minNotional,
      @JsonProperty(required = true) int partition,
      @JsonProperty(value = "maker_bps", required = true) int makerBps,
      @JsonProperty(value = "taker_bps", required = true) int takerBps,
      @JsonProperty("band_bps") Integer bandBps,
      @JsonProperty("reference_price") BigDecimal referencePrice) {}

  private record FeeRow(
      @JsonProperty(required = true) String account,
      @JsonProperty(required = true) String market,
      @JsonProperty(value = "maker_bps", required = true) int makerBps,
      @JsonProperty(value = "taker_bps", required = true) int takerBps) {}

  private record MarketsFile(
      @JsonProperty(required = true) List<AssetRow> assets,
      @JsonProperty(required = true) List<MarketRow> markets,
      @JsonProperty("fee_overrides") List<FeeRow> feeOverrides) {}

  private Markets() {}

  /**
   * Reads and checks a markets file.
   *
   * @param partitions how many partitions the saga's topics have
   * @throws IllegalArgumentException with a sentence that names the file, the entry and the rule it
   *     breaks
   */
  public static Markets load(Path file, int partitions) {
    try {
      return parse(Files.readString(file), partitions);
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "Cannot read the markets file " + file + ": " + e.getMessage(), e);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("In the markets file " + file + ": " + e.getMessage(), e);
    }
  }

  /** As {@link #load}, from the text itself. */
  public static Markets parse(String yaml, int partitions) {
    try {
      MarketsFile file =
          YAMLMapper.builder()
              .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
              .build()
              .readValue(yaml, MarketsFile.class);
      Markets all = new Markets();
      file.assets.forEach(all::add);
      file.markets.forEach(row -> all.add(row, partitions));
      if (file.feeOverrides != null) {
        file.feeOverrides.forEach(all::add);
      }
      return all;
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e.getOriginalMessage(), e);
    }
  }

  private void add(AssetRow row) {
    expect(
        ASSET_NAME.matcher(row.name).matches(),
        "asset %s: a name is 1 to 16 of A-Z and 0-9",
        row.name);
    expect(
        row.scale >= 0 && row.scale <= Decimals.MAX_SCALE,
        "asset %s: scale must be 0 to %s, but is %s",
        row.name,
        Decimals.MAX_SCALE,
        row.scale);
    expect(
        assets.put(row.name, new Asset(row.name, row.scale)) == null,
        "asset %s is listed twice",
        row.name);
  }

  private void add(MarketRow row, int partitions) {
    String name = row.name;
    expect(MARKET_NAME.matcher(name).matches(), "market %s: a name is BASE-QUOTE", name);
    Asset base = assets.get(row.base);
    Asset quote = assets.get(row.quote);
    expect(base != null, "market %s: there is no asset %s", name, row.base);
    expect(quote != null, "market %s: there is no asset %s", name, row.quote);
    expect(!base.equals(quote), "market %s: base and quote must differ", name);
    expect(
        row.partition >= 0 && row.partition < partitions,
        "market %s: partition must be 0 to %s, but is %s",
        name,
        partitions - 1,
        row.partition);
    expectBps(name, "maker_bps", row.makerBps);
    expectBps(name, "taker_bps", row.takerBps);
    long tick = units(name, "tick", row.tick, quote);
    long lot = units(name, "lot", row.lot, base);
    expect(tick > 0, "market %s: tick must be above zero", name);
    expect(lot > 0, "market %s: lot must be above zero", name);
    int bandBps = row.bandBps == null ? 0 : row.bandBps;
    expectBps(name, "band_bps", bandBps);
    BigDecimal reference = row.referencePrice == null ? BigDecimal.ZERO : row.referencePrice;
    expect(
        reference.signum() == 0 || bandBps > 0,
        "market %s: a reference_price needs a band_bps",
        name);
    BigDecimal minNotional = row.minNotional == null ? BigDecimal.ZERO : row.minNotional;
    Market market =
        new Market(
            name,
            base,
            quote,
            tick,
            lot,
            units(name, "min_notional", minNotional, quote),
            row.partition,
            row.makerBps,
            row.takerBps,
            bandBps,
            units(name, "reference_price", reference, quote));
    expect(markets.put(name, market) == null, "market %s is listed twice", name);
  }

  private void add(FeeRow row) {
    expect(markets.containsKey(row.market), "fee_overrides: there is no market %s", row.market);
    expect(
        ACCOUNT.matcher(row.account).matches(),
        "fee_overrides of %s: an account is 1 to 64 of A-Z, a-z, 0-9 and ._:-",
        row.market);
    expectBps(row.market, "maker_bps of " + row.account, row.makerBps);
    expectBps(row.market, "taker_bps of " + row.account, row.takerBps);
    expect(
        feeOverrides.put(
                new AccountAtMarket(row.account, row.market), new Fees(row.makerBps, row.takerBps))
            == null,
        "fee_overrides: %s is listed twice for %s",
        row.account,
        row.market);
  }

  private static void expectBps(String market, String field, int bps) {
    expect(
        bps >= 0 && bps <= MAX_BPS,
        "market %s: %s must be 0 to %s, but is %s",
        market,
        field,
        MAX_BPS,
        bps);
  }

  private static long units(String market, String field, BigDecimal value, Asset asset) {
    try {
      long units = value.movePointRight(asset.scale()).longValueExact();
      expect(units >= 0, "market %s: %s must not be negative", market, field);
      return units;
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException(
          "market %s: %s %s does not fit the scale %d of %s"
              .formatted(market, field, value.toPlainString(), asset.scale(), asset.name()),
          e);
    }
  }

  private static void expect(boolean holds, String rule, Object... args) {
    if (!holds) {
      throw new IllegalArgumentException(rule.formatted(args));
    }
  }

  /** What an account pays in a market: its own rates if it has any there, else the market's. */
  public Fees fees(String account, Market market) {
    return feeOverrides.getOrDefault(
        new AccountAtMarket(account, market.name()),
        new Fees(market.makerBps(), market.takerBps()));
  }

  public Optional<Market> market(String name) {
    return Optional.ofNullable(markets.get(name));
  }

  public Optional<Asset> asset(String name) {
    return Optional.ofNullable(assets.get(name));
  }

  /**
   * What stored data relies on, by name: it can never change, and what was listed once can never be
   * left out. The units of a market's balances and orders would mean something else, or be out of
   * reach.
   */
  public Map<String, String> neverChanges() {
    Map<String, String> facts = new TreeMap<>();
    assets().forEach(a -> facts.put("scale of " + a.name(), Integer.toString(a.scale())));
    for (Market m : markets()) {
      facts.put("assets of " + m.name(), m.base().name() + " and " + m.quote().name());
      facts.put("partition of " + m.name(), Integer.toString(m.partition()));
    }
    return facts;
  }

  /**
   * What may grow over stored data, but never shrink: a market's lot. An order was admitted at a
   * price at which one lot is worth something; a smaller taker could take so little of it that
   * nobody can be paid for it.
   */
  public Map<String, Long> neverShrinks() {
    Map<String, Long> facts = new TreeMap<>();
    markets().forEach(m -> facts.put("lot of " + m.name(), m.lotUnits()));
    return facts;
  }

  /** All markets, by name. */
  public Collection<Market> markets() {
    return markets.values();
  }

  /** All assets, by name. */
  public Collection<Asset> assets() {
    return assets.values();
  }
}
