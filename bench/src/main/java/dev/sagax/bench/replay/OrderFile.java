package dev.sagax.bench.replay;

import dev.sagax.bench.replay.Instruction.Cancel;
import dev.sagax.bench.replay.Instruction.Place;
import dev.sagax.bench.replay.Instruction.Side;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Recorded order flow, checked as a whole before anything of it is sent.
 *
 * @param instructions in the order of the file
 */
record OrderFile(Path file, List<Instruction> instructions) {
  private static final List<String> COLUMNS =
      List.of(
          "time",
          "market",
          "action",
          "client_order_id",
          "side",
          "type",
          "time_in_force",
          "price",
          "quantity");
  private static final Pattern MARKET = Pattern.compile("[A-Z0-9]{1,16}-[A-Z0-9]{1,16}");
  private static final Pattern CLIENT_ORDER_ID = Pattern.compile("[A-Za-z0-9._:-]{1,64}");
  private static final Pattern TIME = Pattern.compile("[0-9]{1,12}(\\.[0-9]{1,9})?");
  private static final int FINGERPRINT_BYTES = 6;

  /** An order's own name: unique within its market here, since one owner places it. */
  private record Name(String market, String clientOrderId) {}

  OrderFile {
    instructions = List.copyOf(instructions);
  }

  /**
   * Reads a file.
   *
   * @param limit how many instructions at most
   * @throws RecordingException if a line is malformed, asks for something unknown, places an order
   *     twice or cancels one that no earlier line placed
   */
  static OrderFile read(Path file, long limit) {
    Map<Name, Place> placed = new HashMap<>();
    List<Instruction> instructions = new ArrayList<>();
    for (CsvTable.Row row : CsvTable.read(file, COLUMNS, limit)) {
      row.matching("time", TIME, "seconds since 1970");
      String market = row.matching("market", MARKET, "a market like BTC-USD");
      String clientOrderId =
          row.matching("client_order_id", CLIENT_ORDER_ID, "1 to 64 characters of [A-Za-z0-9._:-]");
      Name name = new Name(market, clientOrderId);
      instructions.add(
          row.oneOf("action", "PLACE", "CANCEL").equals("PLACE")
              ? place(row, name, placed)
              : cancel(row, name, placed));
    }
    if (instructions.isEmpty()) {
      throw new RecordingException(file + ": there is no instruction in it.");
    }
    return new OrderFile(file, instructions);
  }

  private static Place place(CsvTable.Row row, Name name, Map<Name, Place> placed) {
    row.oneOf("type", "LIMIT");
    Owner owner =
        row.oneOf("time_in_force", "POST_ONLY", "IOC").equals("IOC") ? Owner.TAKER : Owner.MAKER;
    Place place =
        new Place(
            row.line(),
            name.market(),
            name.clientOrderId(),
            owner,
            Side.valueOf(row.oneOf("side", "BUY", "SELL")),
            row.positive("price"),
            row.positive("quantity"));
    Place before = placed.put(name, place);
    if (before != null) {
      throw row.wrong(
          "client_order_id",
          "line %d has placed %s already".formatted(before.line(), name.clientOrderId()));
    }
    return place;
  }

  private static Cancel cancel(CsvTable.Row row, Name name, Map<Name, Place> placed) {
    for (String column : List.of("side", "type", "time_in_force", "price", "quantity")) {
      row.empty(column);
    }
    Place place = placed.get(name);
    if (place == null) {
      throw row.wrong(
          "client_order_id",
          "no earlier line places %s in %s".formatted(name.clientOrderId(), name.market()));
    }
    return new Cancel(row.line(), name.market(), name.clientOrderId(), place.owner());
  }

  /** The instructions of each market, in order. */
  Map<String, List<Instruction>> byMarket() {
    Map<String, List<Instruction>> markets = new LinkedHashMap<>();
    for (Instruction instruction : instructions) {
      markets.computeIfAbsent(instruction.market(), m -> new ArrayList<>()).add(instruction);
    }
    return markets;
  }

  List<Place> places() {
    return instructions.stream().filter(Place.class::isInstance).map(Place.class::cast).toList();
  }

  /** A short name of what is replayed: the same instructions, the same name. */
  String fingerprint() {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      for (Instruction instruction : instructions) {
        sha.update(instruction.toString().getBytes(StandardCharsets.UTF_8));
      }
      return HexFormat.of().formatHex(sha.digest(), 0, FINGERPRINT_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java runtime has SHA-256", e);
    }
  }
}
