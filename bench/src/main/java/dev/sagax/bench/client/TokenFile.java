package dev.sagax.bench.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sagax.local.DevTokens;
import dev.sagax.platform.rpc.Scope;
import dev.sagax.platform.rpc.Tokens;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Tokens from a file that has one token a line (the output of {@code ./sagax token}), or from the
 * key file that signs them.
 */
public final class TokenFile {
  private static final String KEY_START = "-----BEGIN";
  private static final Duration VALID_FOR = Duration.ofHours(12);

  private TokenFile() {}

  private record Known(String account, Set<String> scopes, String token) {
    private boolean serves(String wanted, Set<Scope> wantedScopes) {
      boolean allowed = wantedScopes.stream().allMatch(scope -> scopes.contains(scope.claim()));
      return allowed && (account.equals(wanted) || wantedScopes.contains(Scope.OPERATOR));
    }
  }

  /**
   * Reads the file.
   *
   * @throws IllegalArgumentException with a sentence that names the file, the line and what is
   *     wrong
   */
  public static TokenSource read(Path file) {
    List<String> lines;
    try {
      lines = Files.readAllLines(file);
    } catch (IOException e) {
      throw new IllegalArgumentException("Cannot read the token file " + file + ": " + e, e);
    }
    if (lines.stream().anyMatch(line -> line.startsWith(KEY_START))) {
      Tokens tokens = DevTokens.load(file);
      return (account, scopes) -> tokens.issue(account, scopes, VALID_FOR);
    }
    List<Known> known = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      if (!line.isEmpty() && !line.startsWith("#")) {
        known.add(known(file, i + 1, line));
      }
    }
    return (account, scopes) -> choose(file, known, account, scopes);
  }

  private static String choose(Path file, List<Known> known, String account, Set<Scope> scopes) {
    String names = scopes.stream().map(Scope::claim).sorted().collect(Collectors.joining(","));
    return known.stream()
        .filter(token -> token.serves(account, scopes))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "%s has no token for %s with the scopes %s; add one: ./sagax token %s --scope %s >> %s"
                    .formatted(file, account, names, account, names, file)))
        .token();
  }

  private static Known known(Path file, int line, String token) {
    String[] parts = token.split("\\.", -1);
    try {
      if (parts.length == 3) {
        byte[] json = Base64.getUrlDecoder().decode(parts[1]);
        JsonNode claims = new ObjectMapper().readTree(new String(json, StandardCharsets.UTF_8));
        return new Known(
            claims.path("sub").asText(),
            Arrays.stream(claims.path("scope").asText().split(" ")).collect(Collectors.toSet()),
            token);
      }
    } catch (IllegalArgumentException | IOException notAToken) {
      // Refused below with every other text that is no token.
    }
    throw new IllegalArgumentException(
        "%s:%d: expected a token as ./sagax token prints it.".formatted(file, line));
  }
}
