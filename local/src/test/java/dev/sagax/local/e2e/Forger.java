package dev.sagax.local.e2e;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.RSAPublicKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Signs what the exchange would never sign, with the exchange's own key. */
final class Forger {
  private static final long DAY_SECONDS = 86_400;
  private static final long HOUR_SECONDS = 3_600;

  private final PrivateKey key;
  private final byte[] publicKey;
  private final String header;

  /**
   * @param sample a good token, whose header names the key
   */
  Forger(Path keyFile, String sample) {
    try {
      String pem = Files.readString(keyFile).replaceAll("-----[A-Z ]+-----|\\s", "");
      KeyFactory rsa = KeyFactory.getInstance("RSA");
      key = rsa.generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(pem)));
      RSAPrivateCrtKey both = (RSAPrivateCrtKey) key;
      publicKey =
          rsa.generatePublic(new RSAPublicKeySpec(both.getModulus(), both.getPublicExponent()))
              .getEncoded();
    } catch (IOException | GeneralSecurityException e) {
      throw new AssertionError(e);
    }
    header = sample.substring(0, sample.indexOf('.'));
  }

  /**
   * A token that would be good but for these claims.
   *
   * @param claims as JSON; null takes one away
   */
  String signed(String... claims) {
    Map<String, String> all = new LinkedHashMap<>();
    all.put("\"iss\"", "\"sagax\"");
    all.put("\"aud\"", "\"sagax\"");
    all.put("\"sub\"", "\"mallory\"");
    all.put("\"exp\"", Long.toString(nowSeconds() + DAY_SECONDS));
    for (String claim : claims) {
      int colon = claim.indexOf(':');
      all.put(claim.substring(0, colon), claim.substring(colon + 1).strip());
    }
    all.values().removeIf(value -> value.equals("null"));
    StringBuilder json = new StringBuilder();
    all.forEach(
        (name, value) -> json.append(json.isEmpty() ? '{' : ',').append(name + ":" + value));
    return signedText(json.append('}').toString());
  }

  /** A token that is good, but only later. */
  String notYetValid(String... claims) {
    String[] all = Arrays.copyOf(claims, claims.length + 1);
    all[claims.length] = "\"nbf\": " + (nowSeconds() + HOUR_SECONDS);
    return signed(all);
  }

  private static long nowSeconds() {
    return System.currentTimeMillis() / 1_000;
  }

  /** A token whose claims are this text. */
  String signedText(String claims) {
    String text = header + "." + encode(claims.getBytes(StandardCharsets.UTF_8));
    try {
      Signature signature = Signature.getInstance("SHA256withRSA");
      signature.initSign(key);
      signature.update(text.getBytes(StandardCharsets.US_ASCII));
      return text + "." + encode(signature.sign());
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  /** The oldest trick: the public key, which everybody has, taken for the secret of an HMAC. */
  String bySecret(String... claims) {
    String[] good = signed(claims).split("\\.");
    String sameKey =
        new String(Base64.getUrlDecoder().decode(good[0]), StandardCharsets.UTF_8)
            .replace("RS256", "HS256");
    String text = encode(sameKey.getBytes(StandardCharsets.UTF_8)) + "." + good[1];
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(publicKey, "HmacSHA256"));
      return text + "." + encode(mac.doFinal(text.getBytes(StandardCharsets.US_ASCII)));
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  private static String encode(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
