package dev.sagax.platform.rpc;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.spec.NamedParameterSpec;
import java.util.HashMap;
import java.util.Map;
import javax.crypto.spec.SecretKeySpec;
import org.jose4j.json.JsonUtil;
import org.jose4j.jwa.AlgorithmConstraints;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.JsonWebKey.OutputControlLevel;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.lang.JoseException;

/** An issuer of tokens, good ones and bad ones: its keys and what it signs with them. */
final class Keys {
  private Keys() {}

  static PublicJsonWebKey rsa(String keyId) {
    try {
      var generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(2048);
      return named(keyId, generator);
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  static PublicJsonWebKey ed25519(String keyId) {
    try {
      var generator = KeyPairGenerator.getInstance("EdDSA");
      generator.initialize(NamedParameterSpec.ED25519);
      return named(keyId, generator);
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  private static PublicJsonWebKey named(String keyId, KeyPairGenerator generator) {
    try {
      var pair = generator.generateKeyPair();
      PublicJsonWebKey key = PublicJsonWebKey.Factory.newPublicJwk(pair.getPublic());
      key.setPrivateKey(pair.getPrivate());
      key.setKeyId(keyId);
      return key;
    } catch (JoseException e) {
      throw new AssertionError(e);
    }
  }

  /** What the issuer publishes. */
  static String set(JsonWebKey... keys) {
    return new JsonWebKeySet(keys).toJson(OutputControlLevel.PUBLIC_ONLY);
  }

  static String sign(PublicJsonWebKey key, String algorithm, Map<String, Object> claims) {
    return sign(key.getPrivateKey(), Map.of("alg", algorithm, "kid", key.getKeyId()), claims);
  }

  static String signText(PublicJsonWebKey key, String algorithm, String payload) {
    Map<String, Object> header = Map.of("alg", algorithm, "kid", key.getKeyId());
    return signText(key.getPrivateKey(), header, payload);
  }

  static String sign(
      java.security.Key key, Map<String, Object> header, Map<String, Object> claims) {
    return signText(key, header, JsonUtil.toJson(new HashMap<>(claims)));
  }

  private static String signText(
      java.security.Key key, Map<String, Object> header, String payload) {
    try {
      var jws = new JsonWebSignature();
      jws.setAlgorithmConstraints(AlgorithmConstraints.NO_CONSTRAINTS);
      header.forEach(jws.getHeaders()::setObjectHeaderValue);
      jws.setPayload(payload);
      jws.setKey(key);
      jws.setDoKeyValidation(false);
      return jws.getCompactSerialization();
    } catch (JoseException e) {
      throw new AssertionError(e);
    }
  }

  /** The old trick: the public key, which all know, as the secret of an HMAC. */
  static String hmacWithPublicKey(PublicJsonWebKey key, Map<String, Object> claims) {
    var secret = new SecretKeySpec(key.getPublicKey().getEncoded(), "HmacSHA256");
    return sign(secret, Map.of("alg", "HS256", "kid", key.getKeyId()), claims);
  }

  static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
