package dev.sagax.platform.log;

import dev.sagax.platform.rpc.Health;
import dev.sagax.platform.rpc.PeerUnavailableException;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.internal.ContextInternal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A follower on a thread of its own, because the broker's client blocks.
 *
 * <p>When the log has lost the place where it reads (retention overtook it, or the log went back in
 * time), it says so loudly and starts anew from the beginning: what is appended is seen, and what
 * is seen twice a reader without state must bear anyway.
 */
public final class KafkaLogFollower implements LogFollower {
  private static final Logger LOG = LoggerFactory.getLogger(KafkaLogFollower.class);
  private static final Duration POLL = Duration.ofMillis(500);
  private static final Duration ASK = Duration.ofSeconds(2);
  private static final long PAUSE_MILLIS = 500;

  private final List<TopicPartition> partitions = new ArrayList<>();
  private final Context context;
  private final Health health;
  private final Consumer<LogRecord> onRecord;
  private final Queue<Question> questions = new ConcurrentLinkedQueue<>();
  private final Promise<Void> started;
  private final Promise<Void> closed = Promise.promise();
  private final int partitionCount;
  private volatile KafkaConsumer<byte[], byte[]> consumer;
  private volatile boolean polling;
  private volatile boolean closing;

  public KafkaLogFollower(
      KafkaSettings kafka,
      String clientId,
      List<Topic> topics,
      int partitionCount,
      Context context,
      Health health,
      Consumer<LogRecord> onRecord) {
    this.partitionCount = partitionCount;
    this.context = context;
    this.health = health;
    this.started = ((ContextInternal) context).promise();
    this.onRecord = onRecord;
    topics.forEach(topic -> partitions.addAll(partitionsOf(topic)));
    Thread.ofPlatform().daemon().name(clientId).start(() -> run(kafka, clientId));
  }

  private List<TopicPartition> partitionsOf(Topic topic) {
    List<TopicPartition> all = new ArrayList<>();
    for (int p = 0; p < partitionCount; p++) {
      all.add(new TopicPartition(topic.topicName, p));
    }
    return all;
  }

  private void run(KafkaSettings kafka, String clientId) {
    try {
      KafkaSettings.whenResolvable(() -> kafka.freeConsumer(clientId), () -> closing)
          .ifPresent(this::follow);
    } catch (RuntimeException | Error bug) {
      LOG.error("Following has ended client={}", clientId, bug);
      health.report(clientId, false, bug.toString());
    } finally {
      closing = true;
      started.tryFail(stopped());
      failQuestions();
      closed.complete();
    }
  }

  private void follow(KafkaConsumer<byte[], byte[]> made) {
    try (made) {
      consumer = made;
      consumer.assign(partitions);
      while (!closing) {
        followOn();
      }
    }
  }

  private void followOn() {
    try {
      startAtTheEnd();
      answerQuestions();
      deliver();
    } catch (WakeupException asked) {
      LOG.trace("Woken up by a question");
    } catch (OffsetOutOfRangeException lost) {
      LOG.error(
          "The log lost records before they were followed, or went back in time; it is followed from its"
              + " beginning again. {}",
          lost.offsetOutOfRangePartitions());
      consumer.seekToBeginning(lost.partitions());
    } catch (KafkaException e) {
      LOG.warn("The broker did not answer, following goes on when it does: {}", e.toString());
      KafkaSettings.pause(PAUSE_MILLIS);
    }
  }

  private void startAtTheEnd() {
    if (!started.future().isComplete()) {
      consumer.endOffsets(partitions, ASK).forEach(consumer::seek);
      started.complete();
    }
  }

  /** Somebody wants to know the end offsets of a topic, as of now or later. */
  private record Question(Topic topic, Promise<Map<Integer, Long>> answer) {}

  /** One look at the ends of a topic answers all who asked for them before it. */
  private void answerQuestions() {
    Map<Topic, List<Question>> asked = new EnumMap<>(Topic.class);
    for (Question question = questions.poll(); question != null; question = questions.poll()) {
      asked.computeIfAbsent(question.topic, topic -> new ArrayList<>()).add(question);
    }
    asked.forEach(this::answer);
  }

  private void answer(Topic topic, List<Question> asked) {
    try {
      Map<Integer, Long> ends = new HashMap<>();
      consumer
          .endOffsets(partitionsOf(topic), ASK)
          .forEach((partition, offset) -> ends.put(partition.partition(), offset));
      asked.forEach(question -> question.answer.complete(ends));
    } catch (WakeupException lateForThePoll) {
      questions.addAll(asked);
    } catch (KafkaException e) {
      asked.forEach(question -> question.answer.fail(e));
    }
  }

  private void deliver() {
    List<LogRecord> records = new ArrayList<>();
    poll().forEach(record -> records.add(toLogRecord(record)));
    if (!records.isEmpty()) {
      context.runOnContext(v -> records.forEach(onRecord));
      KafkaSettings.pause(KafkaSettings.READ_PAUSE_MILLIS);
    }
  }

  /** Does not wait for records while there are questions; who asks later interrupts the wait. */
  private ConsumerRecords<byte[], byte[]> poll() {
    polling = true;
    try {
      return consumer.poll(questions.isEmpty() ? POLL : Duration.ZERO);
    } finally {
      polling = false;
    }
  }

  private static LogRecord toLogRecord(ConsumerRecord<byte[], byte[]> record) {
    Topic topic = Topic.ofName(record.topic()).orElseThrow();
    long position = topic.numbered() ? RecordSeq.of(record.headers()) : record.offset();
    return new LogRecord(
        topic, record.partition(), position, record.offset(), record.key(), record.value());
  }

  @Override
  public Future<Void> started() {
    return started.future();
  }

  @Override
  public Future<Map<Integer, Long>> endOffsets(Topic topic) {
    Promise<Map<Integer, Long>> answer = ((ContextInternal) context).promise();
    questions.add(new Question(topic, answer));
    if (closing) {
      failQuestions();
    } else if (polling) {
      consumer.wakeup();
    }
    return answer.future();
  }

  private void failQuestions() {
    for (Question question = questions.poll(); question != null; question = questions.poll()) {
      question.answer.fail(stopped());
    }
  }

  private static PeerUnavailableException stopped() {
    return new PeerUnavailableException("The log is not followed any more.", null);
  }

  @Override
  public Future<Void> close() {
    closing = true;
    KafkaConsumer<byte[], byte[]> made = consumer;
    if (made != null) {
      made.wakeup();
    }
    return closed.future();
  }
}
