package dev.sagax.platform.rpc;

import com.google.protobuf.Message;
import io.vertx.core.Future;
import io.vertx.grpc.common.ServiceMethod;

/** One port with every RPC of a service, reflection and health. */
public interface GrpcEdge {

  /** Registers a unary method and the scopes of which a caller must have at least one. */
  <Q extends Message, R extends Message> GrpcEdge unary(
      ServiceMethod<Q, R> method, java.util.Set<Scope> anyOf, UnaryMethod<Q, R> body);

  /** Opens the port; the port it got. */
  Future<Integer> listen(String host, int port);

  /** Stops taking calls, lets those under way finish, closes. */
  Future<Void> close();
}
