package dev.sagax.local;

import dev.sagax.platform.rpc.Scope;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ./sagax token}: signs a token with the dev key of a data directory. */
@Command(
    name = "token",
    description = "Prints a bearer token for an account, signed with the dev key.",
    mixinStandardHelpOptions = true)
public final class TokenCommand implements Callable<Integer> {
  private static final Pattern ACCOUNT = Pattern.compile("[A-Za-z0-9._:-]{1,64}");

  @Parameters(paramLabel = "ACCOUNT", description = "1 to 64 characters of A-Z a-z 0-9 . _ : -")
  private String account;

  @Option(
      names = "--scope",
      paramLabel = "SCOPE",
      split = ",",
      description = "read, trade, transfer, operator (default: read,trade,transfer).")
  private String[] scopes = {"read", "trade", "transfer"};

  @Option(
      names = "--hours",
      paramLabel = "N",
      description = "How long it is valid (default: ${DEFAULT-VALUE}).")
  private int hours = 24;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "The data directory with the dev key (default: ${DEFAULT-VALUE}).")
  private Path data = Path.of(".sagax");

  @Override
  public Integer call() {
    if (!ACCOUNT.matcher(account).matches()) {
      System.err.println("ACCOUNT must be 1 to 64 characters of A-Z a-z 0-9 . _ : -");
      return 2;
    }
    if (hours < 1) {
      System.err.println("--hours must be 1 or more.");
      return 2;
    }
    EnumSet<Scope> granted = EnumSet.noneOf(Scope.class);
    for (String scope : scopes) {
      var known =
          Arrays.stream(Scope.values())
              .filter(s -> s != Scope.SERVICE && s.claim().equals(scope.toLowerCase(Locale.ROOT)))
              .findFirst();
      if (known.isEmpty()) {
        System.err.println(
            "There is no scope " + scope + "; there are read, trade, transfer, operator.");
        return 2;
      }
      granted.add(known.get());
    }
    Path key = data.resolve(LocalExchange.KEY_FILE);
    if (Files.notExists(key)) {
      System.err.println("There is no key in " + data + " yet; start ./sagax up first.");
      return 1;
    }
    System.out.println(DevTokens.load(key).issue(account, granted, Duration.ofHours(hours)));
    return 0;
  }
}
