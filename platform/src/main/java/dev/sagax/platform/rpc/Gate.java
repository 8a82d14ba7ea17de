package dev.sagax.platform.rpc;

import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.refusal.Refusal;
import dev.sagax.platform.refusal.RefusedException;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.util.stream.Collectors;

/** Lets in who has one of a method's scopes. */
final class Gate {
  private final TokenVerifier verifier;
  private final Bearers bearers;

  Gate(TokenVerifier verifier, Bearers bearers) {
    this.verifier = verifier;
    this.bearers = bearers;
  }

  /** For calls that are answered at once: they need their token at their start only. */
  Authority ofCall(MethodRights rights) {
    return headers -> admit(rights, false, headers);
  }

  /** For streams: they last as long as their token. */
  Authority ofStream(MethodRights rights) {
    return headers -> admit(rights, true, headers);
  }

  private Future<Admission> admit(MethodRights rights, boolean streams, MultiMap headers) {
    return bearers
        .tokenOf(headers.get(HttpHeaders.AUTHORIZATION))
        .map(token -> admit(rights, streams, token));
  }

  private Admission admit(MethodRights rights, boolean streams, VerifiedToken token) {
    if (!token.caller().mayAnyOf(rights.anyOf())) {
      throw scopeMissing(rights);
    }
    return new Admission(token.caller(), streams ? verifier.millisLeft(token) : Admission.FOREVER);
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
