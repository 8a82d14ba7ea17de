package dev.sagax.platform.log;

import java.util.Optional;
import java.util.Properties;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.RangeAssignor;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How every client of the broker is set up.
 *
 * @param bootstrap host:port of the brokers, separated by commas
 * @param instanceId a stable name of this process in its consumer group: when it comes back within
 *     the session's time it gets its partitions at once, without a rebalance; empty for none
 * @param access how the brokers know us
 */
public record KafkaSettings(String bootstrap, String instanceId, KafkaAccess access) {
  private static final Logger LOG = LoggerFactory.getLogger(KafkaSettings.class);
  private static final long FIRST_PAUSE_MILLIS = 200;
  private static final long LONGEST_PAUSE_MILLIS = 5_000;

  /**
   * How long a reader lets records gather after it got some: a fetch for each record would cost
   * more than the record.
   */
  static final long READ_PAUSE_MILLIS = 5;

  private static final String LINGER_MILLIS = "5";
  private static final String MAX_POLL_RECORDS = "2000";
  private static final String NEVER_IDLE_MILLIS = Long.toString(1000L * 60 * 60 * 24 * 365);

  public KafkaSettings(String bootstrap) {
    this(bootstrap, "");
  }

  public KafkaSettings(String bootstrap, String instanceId) {
    this(bootstrap, instanceId, KafkaAccess.OPEN);
  }

  /**
   * An idempotent producer that never blocks its caller: it fails a send at once when metadata or
   * buffer space is missing. A send that is not acknowledged within 5 s fails too; sending again is
   * for the caller to decide.
   */
  KafkaProducer<byte[], byte[]> producer(String clientId) {
    Properties p = common(clientId);
    p.put(ProducerConfig.ACKS_CONFIG, "all");
    p.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, "true");
    p.put(ProducerConfig.LINGER_MS_CONFIG, LINGER_MILLIS);
    p.put(ProducerConfig.BATCH_SIZE_CONFIG, Integer.toString(256 * 1024));
    p.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, Integer.toString(4 * 1024 * 1024));
    p.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, "2000");
    p.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, "5000");
    p.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, "0");
    p.put(ProducerConfig.METADATA_MAX_IDLE_CONFIG, NEVER_IDLE_MILLIS);
    return new KafkaProducer<>(p, new ByteArraySerializer(), new ByteArraySerializer());
  }

  /**
   * A member of the service's group. Positions come from PostgreSQL, never from the group. Topics
   * that have grown are seen within half a minute.
   */
  KafkaConsumer<byte[], byte[]> groupConsumer(String clientId, String group) {
    Properties p = reader(clientId);
    p.put(ConsumerConfig.GROUP_ID_CONFIG, group);
    p.put(ConsumerConfig.METADATA_MAX_AGE_CONFIG, "30000");
    p.put(ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG, RangeAssignor.class.getName());
    p.put(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, "6000");
    p.put(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, "1500");
    if (!instanceId.isEmpty()) {
      p.put(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG, instanceId);
    }
    return new KafkaConsumer<>(p, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  /** A reader of its own, without group. */
  KafkaConsumer<byte[], byte[]> freeConsumer(String clientId) {
    return new KafkaConsumer<>(
        reader(clientId), new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  /** A reader that looks things up here and there: it fetches little at a time. */
  KafkaConsumer<byte[], byte[]> lookupConsumer(String clientId) {
    Properties p = reader(clientId);
    p.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, Integer.toString(128 * 1024));
    p.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, "1"); // it never waits for what comes next
    return new KafkaConsumer<>(p, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  /**
   * Makes a client, which fails while no name of a broker can be resolved; that is waited for, with
   * growing pauses. Blocking.
   *
   * @return empty when stopped first
   */
  static <C> Optional<C> whenResolvable(Supplier<C> maker, BooleanSupplier stopped) {
    long pauseMillis = FIRST_PAUSE_MILLIS;
    while (!stopped.getAsBoolean()) {
      try {
        return Optional.of(maker.get());
      } catch (KafkaException e) {
        if (!Faults.isInfrastructure(e)) {
          throw e;
        }
        LOG.warn("A client of the broker has to wait {} ms: {}", pauseMillis, cause(e));
        pause(pauseMillis);
        pauseMillis = Math.min(pauseMillis * 2, LONGEST_PAUSE_MILLIS);
      }
    }
    return Optional.empty();
  }

  private static String cause(KafkaException failure) {
    return (failure.getCause() == null ? failure : failure.getCause()).toString();
  }

  static void pause(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  Properties common(String clientId) {
    Properties p = new Properties();
    p.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, bootstrap);
    p.put(CommonClientConfigs.CLIENT_ID_CONFIG, clientId);
    p.put(CommonClientConfigs.RECONNECT_BACKOFF_MS_CONFIG, "100");
    p.put(CommonClientConfigs.RECONNECT_BACKOFF_MAX_MS_CONFIG, "1000");
    p.put(CommonClientConfigs.SOCKET_CONNECTION_SETUP_TIMEOUT_MS_CONFIG, "2000");
    access.addTo(p);
    return p;
  }

  private Properties reader(String clientId) {
    Properties p = common(clientId);
    p.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
    p.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
    p.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, MAX_POLL_RECORDS);
    p.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, "5000");
    p.put(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, "4000");
    return p;
  }
}
