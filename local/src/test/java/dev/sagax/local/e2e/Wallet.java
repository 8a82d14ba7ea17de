package dev.sagax.local.e2e;

import dev.sagax.platform.rpc.Scope;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;

/** Keeps tokens for the next call: to sign one takes longer than most of what it is for. */
final class Wallet {
  private record Holder(String account, Set<Scope> scopes) {}

  private final Map<Holder, String> tokens = new ConcurrentHashMap<>();
  private final BiFunction<String, Set<Scope>, String> signer;

  Wallet(BiFunction<String, Set<Scope>, String> signer) {
    this.signer = signer;
  }

  String token(String account, Set<Scope> scopes) {
    return tokens.computeIfAbsent(
        new Holder(account, scopes), holder -> signer.apply(account, scopes));
  }
}
