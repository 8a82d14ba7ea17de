package dev.sagax.platform.log;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
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
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A follower on a thread of its own, because the broker's client blocks. */
public final class KafkaLogFollower implements LogFollower {
  private static final Logger LOG = LoggerFactory.getLogger(KafkaLogFollower.class);
  private static final Duration POLL = Duration.ofMillis(500);
  private static final Duration ASK = Duration.ofSeconds(2);
  private static final long PAUSE_MILLIS = 500;

  private final KafkaConsumer<byte[], byte[]> consumer;
  private final List<TopicPartition> partitions = new ArrayList<>();
  private final Context context;
  private final Consumer<LogRecord> onRecord;
  private final Queue<Question> questions = new ConcurrentLinkedQueue<>();
  private final Promise<Void> started = Promise.promise();
  private final Promise<Void> closed = Promise.promise();
  private final int partitionCount;
  private volatile boolean polling;
  private volatile boolean closing;

  public KafkaLogFollower(
      KafkaSettings kafka,
      String clientId,
      List<Topic> topics,
      int partitionCount,
      Context context,
      Consumer<LogRecord> onRecord) {
    this.consumer = kafka.freeConsumer(clientId);
    this.partitionCount = partitionCount;
    this.context = context;
    this.onRecord = onRecord;
    topics.forEach(topic -> partitions.addAll(partitionsOf(topic)));
    Thread.ofPlatform().daemon().name(clientId).start(this::run);
  }

  private List<TopicPartition> partitionsOf(Topic topic) {
    List<TopicPartition> all = new ArrayList<>();
    for (int p = 0; p < partitionCount; p++) {
      all.add(new TopicPartition(topic.topicName, p));
    }
    return all;
  }

  private void run() {
    consumer.assign(partitions);
    while (!closing) {
      try {
        startAtTheEnd();
        answerQuestions();
        deliver();
      } catch (WakeupException asked) {
        continue;
      } catch (KafkaException e) {
        LOG.warn("The broker did not answer, following goes on when it does: {}", e.toString());
        pause();
      }
    }
    consumer.close();
    closed.complete();
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

  private static void pause() {
    try {
      Thread.sleep(PAUSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public Future<Void> started() {
    return started.future();
  }

  @Override
  public Future<Map<Integer, Long>> endOffsets(Topic topic) {
    Promise<Map<Integer, Long>> answer = Promise.promise();
    questions.add(new Question(topic, answer));
    if (polling) {
      consumer.wakeup();
    }
    return answer.future();
  }

  @Override
  public Future<Void> close() {
    closing = true;
    consumer.wakeup();
    return closed.future();
  }
}
