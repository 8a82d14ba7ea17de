package dev.sagax.asset.api;

import dev.sagax.asset.AccountEntry;
import dev.sagax.asset.BalanceView;
import dev.sagax.asset.Statement;
import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.refusal.Refusal;
import dev.sagax.platform.refusal.RefusedException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * Where a statement goes on, as a text. It is longer than other page tokens, for it has a place of
 * each log that did something to the account, and the balance of each asset. It is no secret and
 * gives no right: whoever makes one up sees wrong sums below his own account.
 */
final class StatementToken {
  private static final int MAX_LENGTH = 16_384;
  private static final String NAME = "ListStatementEntries";
  private static final String LINE = "\n";
  private static final String WORD = " ";
  private static final int PLACE_WORDS = 5;
  private static final int BALANCE_WORDS = 4;

  private StatementToken() {}

  static String of(String account, Statement statement) {
    StringBuilder text = new StringBuilder(NAME).append(WORD).append(account);
    new TreeMap<>(statement.places())
        .forEach((log, place) ->
            line(text, "p", log.flow(), log.partition(), place.position(), place.leg()));
    new TreeMap<>(statement.balances())
        .values()
        .forEach(b -> line(text, "b", b.asset(), b.availableUnits(), b.heldUnits()));
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(text.toString().getBytes(StandardCharsets.UTF_8));
  }

  private static void line(StringBuilder text, Object... words) {
    String before = LINE;
    for (Object word : words) {
      text.append(before).append(word);
      before = WORD;
    }
  }

  /**
   * The statement before its first entry for an empty token; refused if it is none of this account.
   */
  static Statement read(String account, String token) {
    if (token.isEmpty()) {
      return Statement.BEGIN;
    }
    try {
      if (token.length() <= MAX_LENGTH) {
        String text = new String(Base64.getUrlDecoder().decode(token), StandardCharsets.UTF_8);
        Statement statement = read(account, text.split(LINE));
        if (token.equals(of(account, statement))) {
          return statement;
        }
      }
    } catch (IllegalArgumentException | IndexOutOfBoundsException notOurs) {
      // Refused below like every other text that no statement has made.
    }
    throw refused();
  }

  private static Statement read(String account, String[] lines) {
    if (!lines[0].equals(NAME + WORD + account)) {
      throw refused();
    }
    Map<AccountEntry.Log, AccountEntry.Place> places = new HashMap<>();
    Map<String, BalanceView> balances = new HashMap<>();
    for (int i = 1; i < lines.length; i++) {
      String[] words = lines[i].split(WORD);
      if (words[0].equals("p") && words.length == PLACE_WORDS) {
        places.put(log(words), place(words));
      } else if (words[0].equals("b") && words.length == BALANCE_WORDS) {
        balances.put(
            words[1],
            new BalanceView(words[1], Long.parseLong(words[2]), Long.parseLong(words[3])));
      } else {
        throw refused();
      }
    }
    return new Statement(places, balances);
  }

  private static AccountEntry.Log log(String[] words) {
    int flow = Integer.parseInt(words[1]);
    if (flow < 1 || flow > 3) {
      throw new IllegalArgumentException("The journal has no such log.");
    }
    return new AccountEntry.Log(flow, Integer.parseInt(words[2]));
  }

  private static AccountEntry.Place place(String[] words) {
    return new AccountEntry.Place(Long.parseLong(words[3]), Integer.parseInt(words[4]));
  }

  /**
   * The cursor of a stream, which is the same text.
   *
   * @throws RefusedException INVALID_CURSOR if it is none of this account, or stands where no log
   *     has been yet
   */
  static Statement readCursor(String account, String cursor, Statement now) {
    try {
      Statement statement = read(account, cursor);
      if (statement.isNotBeyond(now)) {
        return statement;
      }
    } catch (RefusedException notOurs) {
      // Refused below by the name that a stream gives it.
    }
    throw Refusal.ofField(
            Reason.INVALID_CURSOR,
            "cursor",
            "The cursor was not given out by this stream to this caller.")
        .asException();
  }

  private static RuntimeException refused() {
    return Refusal.ofField(
            Reason.INVALID_PAGE_TOKEN,
            "page_token",
            "The token was not made by a statement of this caller.")
        .asException();
  }
}
