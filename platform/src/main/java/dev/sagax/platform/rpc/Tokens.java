package dev.sagax.platform.rpc;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.refusal.Refusal;
import dev.sagax.platform.refusal.RefusedException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.Signature;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Issues and verifies the exchange's bearer tokens: JWTs signed with RS256 by one RSA key. The
 * account is the subject; the claim {@code scope} holds scope names separated by blanks, of which
 * unknown ones count for nothing.
 */
public final class Tokens {
  private static final String NAME = "sagax";
  private static final String ALGORITHM = "RS256";
  private static final String JCA_ALGORITHM = "SHA256withRSA";
  private static final int MAX_LENGTH = 8192;
  private static final Pattern ACCOUNT = Pattern.compile("[A-Za-z0-9._:-]{1,64}");
  private static final Pattern BASE64URL = Pattern.compile("[A-Za-z0-9_-]+");
  private static final Base64.Encoder ENCODER = Base64.getUrlEncoder().withoutPadding();
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private final KeyPair key;
  private final InstantSource clock;

  /** A verified token; {@code expiresAtSeconds} counts from 1970. */
  record Verified(Caller caller, double expiresAtSeconds) {}

  Tokens(KeyPair key, InstantSource clock) {
    this.key = key;
    this.clock = clock;
  }

  /**
   * Tokens of the key in a PEM file, which is made if it is missing. Blocks: reads, and at times
   * writes, a file.
   *
   * @throws IOException if the file cannot be read or written or holds no RSA key of 2048 bits or
   *     more
   */
  public static Tokens ofKeyFile(Path keyFile) throws IOException {
    return new Tokens(KeyFile.loadOrCreate(keyFile), InstantSource.system());
  }

  /** A signed token that is valid from now on. */
  public String issue(String account, Set<Scope> scopes, Duration validFor) {
    if (!ACCOUNT.matcher(account).matches()) {
      throw new IllegalArgumentException(
          "An account has 1 to 64 characters of [A-Za-z0-9._:-], but this one is " + account);
    }
    var names = new TreeSet<String>();
    scopes.forEach(scope -> names.add(scope.claim()));
    long now = clock.instant().getEpochSecond();
    return sign(
        Map.of("alg", ALGORITHM, "typ", "JWT"),
        Map.of(
            "iss",
            NAME,
            "aud",
            NAME,
            "sub",
            account,
            "scope",
            String.join(" ", names),
            "iat",
            now,
            "exp",
            now + validFor.toSeconds()));
  }

  /**
   * Who a token stands for.
   *
   * @throws RefusedException TOKEN_EXPIRED outside of its time, TOKEN_INVALID for any other fault
   */
  public Caller verify(String token) {
    return check(token).caller();
  }

  Verified check(String token) {
    JsonNode claims = claimsOfSigned(token);
    require(NAME.equals(claims.path("iss").asText()), "Its issuer is not \"sagax\".");
    require(isAudience(claims.path("aud")), "Its audience is not \"sagax\".");
    String account = claims.path("sub").isTextual() ? claims.path("sub").asText() : "";
    require(ACCOUNT.matcher(account).matches(), "Its subject is not an account.");
    require(claims.path("exp").isNumber(), "It has no expiry time.");
    require(!claims.has("nbf") || claims.path("nbf").isNumber(), "Its start time is no number.");
    double expiresAt = claims.path("exp").asDouble();
    requireTime(claims, expiresAt);
    return new Verified(new Caller(account, scopes(claims.path("scope"))), expiresAt);
  }

  boolean isExpired(Verified token) {
    return nowSeconds() >= token.expiresAtSeconds();
  }

  String sign(Map<String, Object> header, Map<String, Object> claims) {
    try {
      String signed = encode(header) + "." + encode(claims);
      Signature signature = Signature.getInstance(JCA_ALGORITHM);
      signature.initSign(key.getPrivate());
      signature.update(signed.getBytes(StandardCharsets.US_ASCII));
      return signed + "." + ENCODER.encodeToString(signature.sign());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("The token could not be signed.", e);
    }
  }

  private static String encode(Map<String, Object> json) {
    try {
      return ENCODER.encodeToString(JSON.writeValueAsBytes(json));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("The token's claims could not be written.", e);
    }
  }

  private JsonNode claimsOfSigned(String token) {
    require(token.length() <= MAX_LENGTH, "It is longer than " + MAX_LENGTH + " characters.");
    String[] parts = token.split("\\.", -1);
    require(parts.length == 3, "It does not have three parts.");
    JsonNode header = json(parts[0]);
    require(ALGORITHM.equals(header.path("alg").asText()), "Its algorithm is not RS256.");
    require(!header.has("crit"), "Its header asks for extensions that are not known here.");
    require(isSigned(parts), "Its signature is wrong.");
    return json(parts[1]);
  }

  private boolean isSigned(String[] parts) {
    byte[] signed = (parts[0] + "." + parts[1]).getBytes(StandardCharsets.US_ASCII);
    try {
      Signature signature = Signature.getInstance(JCA_ALGORITHM);
      signature.initVerify(key.getPublic());
      signature.update(signed);
      return signature.verify(bytes(parts[2]));
    } catch (GeneralSecurityException e) {
      return false; // a signature of another length
    }
  }

  private static JsonNode json(String part) {
    try {
      JsonNode json = JSON.readTree(bytes(part));
      require(json.isObject(), "Its header or claims are no JSON object.");
      return json;
    } catch (IOException e) {
      throw invalid("Its header or claims are not JSON.");
    }
  }

  private static byte[] bytes(String part) {
    require(BASE64URL.matcher(part).matches(), "It is not base64url.");
    try {
      return Base64.getUrlDecoder().decode(part);
    } catch (IllegalArgumentException e) {
      throw invalid("It is not base64url.");
    }
  }

  private static boolean isAudience(JsonNode audience) {
    if (audience.isArray()) {
      for (JsonNode one : audience) {
        if (one.isTextual() && NAME.equals(one.asText())) {
          return true;
        }
      }
      return false;
    }
    return audience.isTextual() && NAME.equals(audience.asText());
  }

  private void requireTime(JsonNode claims, double expiresAt) {
    double now = nowSeconds();
    if (now >= expiresAt) {
      throw Refusal.of(Reason.TOKEN_EXPIRED, "The bearer token has expired.").asException();
    }
    if (now < claims.path("nbf").asDouble()) {
      throw Refusal.of(Reason.TOKEN_EXPIRED, "The bearer token is not valid yet.").asException();
    }
  }

  private double nowSeconds() {
    return clock.millis() / 1000.0;
  }

  private static Set<Scope> scopes(JsonNode claim) {
    var scopes = EnumSet.noneOf(Scope.class);
    Set<String> names = Set.copyOf(java.util.Arrays.asList(claim.asText().split(" ")));
    for (Scope scope : Scope.values()) {
      if (names.contains(scope.claim())) {
        scopes.add(scope);
      }
    }
    return java.util.Collections.unmodifiableSet(scopes);
  }

  private static void require(boolean condition, String otherwise) {
    if (!condition) {
      throw invalid(otherwise);
    }
  }

  private static RefusedException invalid(String why) {
    return Refusal.of(Reason.TOKEN_INVALID, "The bearer token is not valid. " + why).asException();
  }
}
