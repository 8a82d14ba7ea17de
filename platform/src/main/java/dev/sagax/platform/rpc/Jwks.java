package dev.sagax.platform.rpc;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import java.security.Key;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jwk.RsaJsonWebKey;
import org.jose4j.jwk.Use;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.lang.JoseException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys that an issuer publishes as a JSON Web Key Set, in a file or under a URL. They are read
 * when a token names a key that is not known yet, but not more often than every ten seconds, and
 * every five minutes, so that a withdrawn key is forgotten. While they cannot be read the last good
 * ones count. Safe on any thread.
 */
final class Jwks implements KeySource {
  private static final Logger LOG = LoggerFactory.getLogger(Jwks.class);
  private static final long PAUSE_MILLIS = 10_000;

  /** A withdrawn key is good no longer than this. */
  static final long AGE_MILLIS = 300_000;

  private static final long READ_MILLIS = 3_000;
  private static final int MAX_BYTES = 256 * 1024;
  private static final int LEAST_RSA_BITS = 2048;

  private final String place;
  private final Supplier<Future<Buffer>> reader;
  private final LongSupplier millis;
  private final Runnable onChange;
  private volatile Known known = new Known(null, List.of());
  private Future<Void> reading = Future.succeededFuture();
  private boolean everAsked;
  private long askedAtMillis;

  /** The text of the last good set, null before there was one, and its keys. */
  private record Known(String text, List<JsonWebKey> keys) {}

  /**
   * @param place for people: where the keys are
   * @param reader reads the set
   * @param millis a clock that never goes back
   * @param onChange called whenever the keys have changed
   */
  Jwks(String place, Supplier<Future<Buffer>> reader, LongSupplier millis, Runnable onChange) {
    this.place = place;
    this.reader = reader;
    this.millis = millis;
    this.onChange = onChange;
  }

  /**
   * @param place a URL that begins with http:// or https://, or a file
   */
  static Jwks at(Vertx vertx, String place, Runnable onChange) {
    LongSupplier millis = () -> TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
    if (place.startsWith("http://") || place.startsWith("https://")) {
      HttpClient client = vertx.createHttpClient();
      return new Jwks(place, () -> get(client, place), millis, onChange);
    }
    return new Jwks(place, () -> vertx.fileSystem().readFile(place), millis, onChange);
  }

  private static Future<Buffer> get(HttpClient client, String url) {
    RequestOptions options =
        new RequestOptions()
            .setMethod(HttpMethod.GET)
            .setAbsoluteURI(url)
            .setConnectTimeout(READ_MILLIS)
            .setIdleTimeout(READ_MILLIS);
    return client
        .request(options)
        .compose(request -> request.send())
        .compose(response ->
            response.statusCode() == 200
                ? response.body()
                : Future.failedFuture("HTTP status " + response.statusCode()));
  }

  /** Reads the keys now. Never fails. */
  Future<Void> load() {
    return read(0);
  }

  /** Reads the keys now and again and again, until Vert.x is closed. */
  Future<Void> keepFresh(Vertx vertx, long ageMillis) {
    vertx.setPeriodic(ageMillis, timer -> load());
    return load();
  }

  @Override
  public Future<Optional<Key>> find(String keyId, String algorithm) {
    Optional<Key> key = look(keyId, algorithm);
    return key.isPresent()
        ? Future.succeededFuture(key)
        : read(PAUSE_MILLIS).map(v -> lookAgain(keyId, algorithm));
  }

  private Optional<Key> lookAgain(String keyId, String algorithm) {
    if (known.text() == null) {
      throw new PeerUnavailableException(
          "The keys that tokens are signed with could not be read yet.", null);
    }
    return look(keyId, algorithm);
  }

  /** A token that names no key is checked with the only one that could have signed it. */
  private Optional<Key> look(String keyId, String algorithm) {
    List<JsonWebKey> fit =
        known.keys().stream()
            .filter(key -> keyId == null || keyId.equals(key.getKeyId()))
            .filter(key -> fits(key, algorithm))
            .toList();
    return fit.size() == 1 ? Optional.of(fit.get(0).getKey()) : Optional.empty();
  }

  private static boolean fits(JsonWebKey key, String algorithm) {
    boolean named = key.getAlgorithm() == null || key.getAlgorithm().equals(algorithm);
    boolean signs = key.getUse() == null || key.getUse().equals(Use.SIGNATURE);
    String type = algorithm.equals(AlgorithmIdentifiers.EDDSA) ? "OKP" : RsaJsonWebKey.KEY_TYPE;
    return named && signs && key.getKeyType().equals(type) && isStrong(key);
  }

  private static boolean isStrong(JsonWebKey key) {
    return !(key instanceof RsaJsonWebKey rsa)
        || rsa.getRsaPublicKey().getModulus().bitLength() >= LEAST_RSA_BITS;
  }

  /** Reads the set if it was last asked for so long ago; ends when what is under way has ended. */
  private synchronized Future<Void> read(long pauseMillis) {
    long now = millis.getAsLong();
    if (reading.isComplete() && (!everAsked || now - askedAtMillis >= pauseMillis)) {
      everAsked = true;
      askedAtMillis = now;
      reading =
          reader
              .get()
              .timeout(READ_MILLIS, TimeUnit.MILLISECONDS)
              .map(this::take)
              .recover(this::keepTheLast);
    }
    return reading;
  }

  private Void take(Buffer set) {
    if (set.length() > MAX_BYTES) {
      throw new IllegalArgumentException("It has more than %d bytes.".formatted(MAX_BYTES));
    }
    String text = set.toString();
    if (!text.equals(known.text())) {
      known = new Known(text, keysOf(text));
      LOG.info("Keys of tokens are read from {}; there are {}", place, known.keys().size());
      onChange.run();
    }
    return null;
  }

  private static List<JsonWebKey> keysOf(String text) {
    try {
      List<JsonWebKey> keys = new JsonWebKeySet(text).getJsonWebKeys();
      if (keys.isEmpty()) {
        throw new IllegalArgumentException("It has no key that can be used.");
      }
      return List.copyOf(keys);
    } catch (JoseException e) {
      throw new IllegalArgumentException("It is no JSON Web Key Set.", e);
    }
  }

  private Future<Void> keepTheLast(Throwable failure) {
    LOG.warn(
        "The keys of tokens cannot be read from {}; the last good ones count: {}",
        place,
        failure.toString());
    return Future.succeededFuture();
  }
}
