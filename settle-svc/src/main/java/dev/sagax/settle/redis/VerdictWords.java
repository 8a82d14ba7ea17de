package dev.sagax.settle.redis;

import dev.sagax.settle.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** The words in which the scripts record their verdicts. */
final class VerdictWords {

  private VerdictWords() {}

  static Verdict.OfHold ofHold(String word) {
    return switch (word) {
      case "H" -> new Verdict.Held();
      case "I" -> new Verdict.InsufficientFunds();
      case "D" -> new Verdict.Declined();
      case "F" -> new Verdict.AccountFrozen();
      default -> throw unknown(word);
    };
  }

  static Verdict.OfTransfer ofTransfer(String word) {
    return switch (word) {
      case "T" -> new Verdict.Transferred();
      case "I" -> new Verdict.InsufficientFunds();
      case "L" -> new Verdict.SupplyLimit();
      case "F" -> new Verdict.AccountFrozen();
      case "N" -> new Verdict.NothingHeld();
      default -> throw unknown(word);
    };
  }

  static Verdict.OfSettlement ofSettlement(String words) {
    String[] parts = words.split(",", -1);
    return switch (parts[0]) {
      case "S" -> settled(parts);
      case "R" -> refused(parts);
      default -> throw unknown(words);
    };
  }

  private static Verdict.Settled settled(String[] parts) {
    List<OptionalLong> remainders = new ArrayList<>();
    for (int i = 1; i < parts.length; i++) {
      remainders.add(
          parts[i].isEmpty() ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(parts[i])));
    }
    return new Verdict.Settled(List.copyOf(remainders));
  }

  private static Verdict.Refused refused(String[] parts) {
    List<Verdict.OrderAtFault> orders = new ArrayList<>();
    for (int i = 1; i < parts.length; i++) {
      String[] orderAndFault = parts[i].split(":", 2);
      orders.add(new Verdict.OrderAtFault(orderAndFault[0], fault(orderAndFault[1])));
    }
    return new Verdict.Refused(List.copyOf(orders));
  }

  private static Verdict.Fault fault(String letter) {
    return switch (letter) {
      case "m" -> Verdict.Fault.MISSING;
      case "p" -> Verdict.Fault.HELD_TOO_LITTLE;
      case "l" -> Verdict.Fault.LEFT_TOO_LITTLE;
      default -> throw unknown(letter);
    };
  }

  private static IllegalStateException unknown(String word) {
    return new IllegalStateException("No script of the ledger says \"" + word + "\".");
  }
}
