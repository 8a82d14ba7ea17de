package dev.sagax.platform.rpc;

import com.google.protobuf.Descriptors.MethodDescriptor;
import dev.sagax.proto.auth.v1.MethodClass;
import dev.sagax.proto.auth.v1.Rights;
import dev.sagax.proto.auth.v1.RightsProto;
import java.util.EnumSet;
import java.util.Set;

/**
 * What a call of a method needs, as its option {@code (sagax.auth.v1.rights)} states it.
 *
 * @param anyOf the scopes of which the caller must have at least one
 * @param methodClass the methods that share a rate limit
 */
record MethodRights(Set<Scope> anyOf, MethodClass methodClass) {

  /**
   * @throws IllegalArgumentException if the method does not state its rights: nobody may call it
   */
  static MethodRights of(MethodDescriptor method) {
    Rights rights = method.getOptions().getExtension(RightsProto.rights);
    var anyOf = EnumSet.noneOf(Scope.class);
    for (var scope : rights.getAnyOfList()) {
      if (scope.getNumber() > 0) {
        anyOf.add(Scope.of(scope));
      }
    }
    boolean classed = rights.getMethodClass().getNumber() > 0;
    if (anyOf.isEmpty() || !classed) {
      throw new IllegalArgumentException(
          "The method %s does not state its rights: its option (sagax.auth.v1.rights) needs a scope and a method class."
              .formatted(method.getFullName()));
    }
    return new MethodRights(anyOf, rights.getMethodClass());
  }
}
