package dev.sagax.platform.boot;

import dev.sagax.platform.fault.FaultInjector;
import dev.sagax.platform.log.LogAppender;
import dev.sagax.platform.log.LogFollower;
import dev.sagax.platform.log.LogReader;
import dev.sagax.platform.log.LogRecord;
import dev.sagax.platform.log.SagaDefinition;
import dev.sagax.platform.log.StepPositions;
import dev.sagax.platform.log.Topic;
import dev.sagax.platform.metrics.Metrics;
import dev.sagax.platform.money.Markets;
import dev.sagax.platform.rpc.GrpcEdge;
import dev.sagax.platform.rpc.Health;
import dev.sagax.platform.rpc.PeerAddress;
import dev.sagax.platform.rpc.RpcChannel;
import dev.sagax.platform.schema.ServiceSchema;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Pool;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** What the platform lends a service while it is assembled and runs. */
public interface ServicePlatform {

  Vertx vertx();

  ServiceConfig config();

  Markets markets();

  /** A small pool for the API's reads; the saga's steps have connections of their own. */
  Pool db();

  /**
   * Connections for one kind of work alone, so that nothing else can make it wait; with the
   * settings of a step: rows are found by key. Closed with the service.
   */
  Pool ownDb(int connections);

  /**
   * As {@link #ownDb}, for what is tried again soon anyway: a statement fails that waits for a lock
   * for 10 s or takes 60 s.
   */
  Pool impatientDb(int connections);

  /**
   * Connections for reads that may take long, alone: they read whole tables, so that nothing else
   * may have to wait for them, and PostgreSQL ends a statement of theirs after 60 s. Closed with
   * the service.
   */
  Pool longReadsDb(int connections);

  /** Where the service registers its methods. It listens once the service is assembled. */
  GrpcEdge edge();

  Health health();

  /** Where the service registers what it measures. */
  Metrics metrics();

  LogAppender appender();

  /** Makes the faults that the configuration asks for. */
  FaultInjector faults();

  /** Looks things up in the log. Closed with the service. */
  LogReader reader();

  /**
   * Calls to another service: with this service's token, and by TLS with its certificate if the
   * exchange speaks TLS.
   */
  RpcChannel channel(List<PeerAddress> replicas);

  /**
   * Brings the schema to the version of this build, or, with {@code migrations.run=false}, only
   * sees whether it has it; then compares the configuration with what its data relies on. Waits for
   * PostgreSQL. Where {@code postgres.owner.uri} is set, its owner migrates and grants this service
   * what {@link ServiceSchema#grants} lists. Fails with a whole sentence if a migration fails or is
   * missing.
   */
  Future<Void> migrate(ServiceSchema schema);

  /**
   * How many partitions the accounts are shared out among: the number there was at the first start,
   * for ever. Known once {@link #migrate} succeeded.
   */
  int accountPartitions();

  /**
   * Joins the consumer group and runs the step of every partition that it gets. Waits for nothing.
   * A service may run several, of different names; the first one bears the service's own. The API
   * of its partitions is registered too, and that of its dead letters if it writes some.
   */
  void runSaga(SagaDefinition saga);

  /** Follows topics from their end; records are handed over on this verticle's event loop. */
  LogFollower follow(List<Topic> topics, Consumer<LogRecord> onRecord);

  /**
   * The position of the last record of each partition that its reader will accept, counted from
   * what it has applied; strays are passed over as by the reader. Fails while the brokers are away.
   *
   * @param applied how far the reader has applied its topics
   */
  Future<Map<Integer, Long>> lastPositions(Topic topic, StepPositions applied);
}
