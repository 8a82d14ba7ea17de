package dev.sagax.platform.rpc;

import java.util.Set;

/**
 * Somebody whose tokens are believed.
 *
 * @param name the claim {@code iss} of its tokens
 * @param audience what the claim {@code aud} of its tokens must name
 * @param grants the scopes that it may give; others in its tokens count for nothing
 */
record TrustedIssuer(String name, String audience, Set<Scope> grants, KeySource keys) {}
