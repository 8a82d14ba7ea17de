package dev.sagax.bench.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sagax.local.DevTokens;
import dev.sagax.platform.rpc.Scope;
import dev.sagax.platform.rpc.Tokens;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenFileTest {
  private static final Set<Scope> TRADER = Set.of(Scope.READ, Scope.TRADE);

  @TempDir private Path directory;
  private Tokens tokens;

  @BeforeEach
  void makeKey() {
    tokens = DevTokens.load(directory.resolve("key.pem"));
  }

  @Test
  void aKeySignsTokensForAnyone() {
    TokenSource source = TokenFile.read(directory.resolve("key.pem"));

    assertThat(tokens.verify(source.token("ann", TRADER)).account()).isEqualTo("ann");
  }

  @Test
  void tokensAreChosenByAccountAndScope() throws IOException {
    String reads = tokens.issue("ann", Set.of(Scope.READ), Duration.ofHours(1));
    String trades = tokens.issue("ann", TRADER, Duration.ofHours(1));
    String operates = tokens.issue("olga", Set.of(Scope.OPERATOR), Duration.ofHours(1));
    TokenSource source =
        TokenFile.read(file("# mine\n" + reads + "\n\n" + trades + "\n" + operates));

    assertThat(source.token("ann", TRADER)).isEqualTo(trades);
    assertThat(source.token("operator", Set.of(Scope.OPERATOR))).isEqualTo(operates);
    assertThatThrownBy(() -> source.token("bob", TRADER))
        .hasMessageContaining("./sagax token bob --scope read,trade >>");
  }

  @Test
  void aLineThatIsNoTokenIsNamed() throws IOException {
    Path file = file("# mine\nhello");

    assertThatThrownBy(() -> TokenFile.read(file))
        .hasMessageContaining("tokens:2: expected a token");
  }

  @Test
  void aMissingFileIsNamed() {
    assertThatThrownBy(() -> TokenFile.read(directory.resolve("nowhere")))
        .hasMessageContaining("nowhere");
  }

  private Path file(String text) throws IOException {
    return Files.writeString(directory.resolve("tokens"), text);
  }
}
