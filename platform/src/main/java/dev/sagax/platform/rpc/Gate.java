package dev.sagax.platform.rpc;

import com.google.protobuf.Message;
import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.refusal.Refusal;
import dev.sagax.platform.refusal.RefusedException;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import java.util.Optional;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import javax.net.ssl.SSLPeerUnverifiedException;

/** Lets in who has one of a method's scopes and does not call too often. */
final class Gate {
  private final TokenVerifier verifier;
  private final Bearers bearers;
  private final RateLimits limits;

  Gate(TokenVerifier verifier, Bearers bearers, RateLimits limits) {
    this.verifier = verifier;
    this.bearers = bearers;
    this.limits = limits;
  }

  /** For calls that are answered at once: they need their token at their start only. */
  Authority ofCall(MethodRights rights) {
    return (headers, connection) -> admit(rights, false, headers, connection);
  }

  /**
   * For calls that count as so many calls as they have items. One of them is counted before the
   * items are read.
   */
  <Q extends Message> Authority ofBatch(MethodRights rights, ToIntFunction<Q> items) {
    return new Authority() {
      @Override
      public Future<Admission> admit(MultiMap headers, HttpConnection connection) {
        return Gate.this.admit(rights, false, headers, connection);
      }

      @Override
      @SuppressWarnings("unchecked") // the method's requests are what its items are counted in
      public Optional<RateStanding> countItems(Caller caller, Message request) {
        int more = items.applyAsInt((Q) request) - 1;
        return more > 0 ? count(caller, rights, more) : Optional.empty();
      }
    };
  }

  /** For streams: they last as long as their token. */
  Authority ofStream(MethodRights rights) {
    return (headers, connection) -> admit(rights, true, headers, connection);
  }

  private Future<Admission> admit(
      MethodRights rights, boolean streams, MultiMap headers, HttpConnection connection) {
    String authorization = headers.get(HttpHeaders.AUTHORIZATION);
    return bearers
        .tokenOf(authorization)
        .map(token ->
            admit(rights, token, connection, streams ? bearers.watch(authorization) : null));
  }

  /**
   * @param watch of the token, where the call lasts no longer than it; else null
   */
  private Admission admit(
      MethodRights rights, VerifiedToken token, HttpConnection connection, TokenWatch watch) {
    if (!token.caller().mayAnyOf(rights.anyOf())) {
      throw scopeMissing(rights);
    }
    if (token.caller().may(Scope.SERVICE) && showsNoCertificate(connection)) {
      throw certificateMissing();
    }
    Optional<RateStanding> standing = count(token.caller(), rights, 1);
    return watch == null
        ? new Admission(token.caller(), Admission.FOREVER, standing, TokenWatch.NONE)
        : new Admission(token.caller(), verifier.millisLeft(token), standing, watch);
  }

  /** Services do not limit each other: an order that was let in has to be finished. */
  private Optional<RateStanding> count(Caller caller, MethodRights rights, int calls) {
    return caller.may(Scope.SERVICE)
        ? Optional.empty()
        : limits.spend(caller.account(), rights.methodClass(), calls);
  }

  /**
   * A token alone makes no service where there is TLS: whoever has read one in a log could move
   * money with it. The handshake has turned away those whose certificate is of another CA.
   */
  private static boolean showsNoCertificate(HttpConnection connection) {
    if (!connection.isSsl()) {
      return false;
    }
    try {
      return connection.peerCertificates().isEmpty();
    } catch (SSLPeerUnverifiedException none) {
      return true;
    }
  }

  private static RefusedException certificateMissing() {
    return Refusal.of(
            Reason.CLIENT_CERTIFICATE_MISSING,
            "A token with the scope service counts only together with a client certificate of the exchange's CA, and this connection shows none: set tls.certificate and tls.key of the calling service, to what a CA in tls.ca of this one has issued.")
        .asException();
  }

  private static RefusedException scopeMissing(MethodRights rights) {
    String claims = rights.anyOf().stream().map(Scope::claim).collect(Collectors.joining(" "));
    return Refusal.of(
            Reason.SCOPE_MISSING,
            "This method needs the scope "
                + claims.replace(" ", " or ")
                + ", which the bearer token lacks.")
        .with("scope", claims)
        .asException();
  }
}
