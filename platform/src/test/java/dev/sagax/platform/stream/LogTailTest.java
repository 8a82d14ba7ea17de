package dev.sagax.platform.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sagax.platform.log.LogReader;
import dev.sagax.platform.log.LogRecord;
import dev.sagax.platform.log.LogView;
import dev.sagax.platform.log.Topic;
import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.refusal.RefusedException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.Random;
import java.util.stream.LongStream;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.Test;

/** Streams over a log in memory, where the test decides what happens when. */
class LogTailTest {
  private static final Topic TOPIC = Topic.ORDER_UPDATED;
  private static final LogTail.Decoder<String> DECODER =
      new LogTail.Decoder<>() {
        @Override
        public String decode(LogRecord record) {
          return new String(record.value(), StandardCharsets.UTF_8);
        }

        @Override
        public String keyOf(String record) {
          return record.substring(0, 1);
        }
      };

  private final MemoryLog log = new MemoryLog();
  private final Queue<Runnable> later = new ArrayDeque<>();

  private LogTail<String> tail(int recent) {
    return new LogTail<>((millis, goOn) -> later.add(goOn), TOPIC, 1, log, DECODER, recent);
  }

  @Test
  void liveStreamIsToldOfItsRecordsOnlyAndKnowsWhereItStands() {
    LogTail<String> tail = tail(10);
    Client alice = new Client(tail, "a");
    alice.connect();
    log.readAll();

    log.append(1, 2, 3, 4);
    log.deliverAll(tail);

    assertThat(alice.got).containsExactly("a1", "a4");
    assertThat(alice.stream.cursor().positions()).containsEntry(0, 4L);
  }

  @Test
  void cursorWithinTheLastRecordsNeedsNoReading() {
    LogTail<String> tail = tail(10);
    log.append(LongStream.rangeClosed(1, 100).toArray());
    Future<Void> started = tail.start();
    log.readAll();
    assertThat(started.succeeded()).isTrue();
    Client alice = new Client(tail, "a");
    alice.stands(91);

    alice.connect();

    assertThat(log.readings).isEmpty();
    assertThat(alice.got).containsExactly("a94", "a97", "a100");
  }

  @Test
  void recordsReadBeforeAStreamJoinsDoNotHideWhatTheFollowerBringsLater() {
    LogTail<String> tail = tail(10);
    log.append(1, 2, 3);
    Client alice = new Client(tail, "a");
    alice.connect();
    log.readAll();
    log.append(4);

    tail.start();
    log.readAll();
    log.deliverAll(tail);

    assertThat(alice.got).containsExactly("a1", "a4");
  }

  @Test
  void whatTheLogDoesNotKeepIsExpired() {
    LogTail<String> tail = tail(10);
    log.append(LongStream.rangeClosed(1, 100).toArray());
    log.begin = 60;
    Client late = new Client(tail, "a");
    late.stands(59);
    Client inTime = new Client(tail, "a");
    inTime.stands(60);

    late.connect();
    inTime.connect();
    log.readAll();

    assertThat(late.failure).isInstanceOf(RefusedException.class);
    assertThat(((RefusedException) late.failure).refusal().reason())
        .isEqualTo(Reason.CURSOR_EXPIRED);
    assertThat(inTime.got).startsWith("a61").endsWith("a100");
  }

  @Test
  void quietPartitionWhoseRecordsAreGoneIsNotExpiredForWhoHasSeenThemAll() {
    LogTail<String> tail = tail(10);
    log.append(LongStream.rangeClosed(1, 100).toArray());
    log.begin = 100;
    Client whole = new Client(tail, "a");
    whole.stands(100);
    Client late = new Client(tail, "a");
    late.stands(99);

    whole.connect();
    late.connect();
    log.readAll();
    log.append(101, 102, 103);
    log.deliverAll(tail);

    assertThat(whole.got).containsExactly("a103");
    assertThat(late.failure).isInstanceOf(RefusedException.class);
  }

  @Test
  void brokerThatIsAwayIsWaitedFor() {
    LogTail<String> tail = tail(10);
    log.append(1, 2, 3);
    Client alice = new Client(tail, "a");
    log.away = true;
    alice.connect();
    log.readAll();
    log.away = false;

    later.remove().run();
    log.readAll();

    assertThat(alice.got).containsExactly("a1");
  }

  /** What a zombie publishes late stands where the search looks first. */
  @Test
  void repeatsWhereTheSearchBeginsHideNothing() {
    LogTail<String> tail = tail(10);
    log.append(LongStream.rangeClosed(1, 4_000).toArray());
    log.append(LongStream.rangeClosed(1, 200).toArray());
    log.append(LongStream.rangeClosed(4_001, 9_000).toArray());
    Client alice = new Client(tail, "a");
    alice.stands(4_000);

    alice.connect();
    log.readAll();

    assertThat(alice.got).hasSize(1_666).startsWith("a4003");
  }

  @Test
  void searchLeapsOverRepeats() {
    Random random = new Random(7);
    for (long seq = 1; seq <= 100_000; seq++) {
      log.append(seq);
      if (random.nextInt(100) == 0) {
        log.append(LongStream.rangeClosed(Math.max(1, seq - 5), seq).toArray());
      }
    }
    Client alice = new Client(tail(10), "a");
    alice.stands(90_000);

    alice.connect();
    log.readings.remove().run();

    assertThat(log.views).isLessThan(8);
    assertThat(alice.stream.cursor().positions().get(0)).isLessThan(92_000);
    log.readAll();
    assertThat(alice.got).hasSize(3_334);
  }

  /** Everything that can happen, in any order, and each client gets each of its records once. */
  @Test
  void everyClientGetsEachOfItsRecordsOnceAndInOrder() {
    for (int round = 0; round < 200; round++) {
      long seed = round == 0 ? System.nanoTime() : round;
      new Chaos(seed).run();
    }
  }

  private static final class Chaos {
    private final LogTailTest test = new LogTailTest();
    private final long seed;
    private final Random random;
    private final LogTail<String> tail;
    private final List<Client> clients = new ArrayList<>();
    private long published;

    Chaos(long seed) {
      this.seed = seed;
      this.random = new Random(seed);
      this.tail = test.tail(1 + random.nextInt(40));
      for (String key : List.of("a", "b", "c", "a")) {
        clients.add(test.new Client(tail, key));
      }
    }

    void run() {
      publish();
      for (int i = 0; i < 600; i++) {
        act();
      }
      clients.forEach(client -> client.room = Integer.MAX_VALUE);
      clients.stream().filter(client -> client.stream == null).forEach(Client::connect);
      settle();
      for (Client client : clients) {
        List<String> all =
            LongStream.rangeClosed(1, published)
                .mapToObj(MemoryLog::text)
                .filter(text -> text.startsWith(client.key))
                .toList();
        assertThat(client.failure).as("seed %d", seed).isNull();
        assertThat(client.got).as("seed %d", seed).isEqualTo(all);
      }
    }

    private void act() {
      Client client = clients.get(random.nextInt(clients.size()));
      switch (random.nextInt(10)) {
        case 0 -> publish();
        case 1 -> test.log.deliver(tail, 1 + random.nextInt(5));
        case 2 -> test.log.deliver(tail, 1 + random.nextInt(30));
        case 3, 4 -> test.log.readOne();
        case 5 -> test.runLater();
        case 6 -> {
          if (client.stream == null) {
            client.connect();
          } else if (random.nextInt(3) == 0) {
            client.disconnect();
          }
        }
        case 7 -> client.room = random.nextInt(4);
        case 8 -> client.drain(random.nextInt(6));
        default -> {
          if (random.nextInt(20) == 0) {
            test.log.followed = random.nextInt(test.log.followed + 1);
          } else if (random.nextInt(20) == 0) {
            tail.start();
          } else {
            test.log.away = random.nextInt(6) == 0;
          }
        }
      }
    }

    /** A batch, at times once more, at times with a hole that is filled afterwards. */
    private void publish() {
      long from = published + 1;
      published += 1 + random.nextInt(8);
      switch (random.nextInt(6)) {
        case 0 -> test.log.append(LongStream.rangeClosed(from + 1, published).toArray());
        case 1 -> {
          long old = 1 + random.nextLong(from);
          test.log.append(LongStream.rangeClosed(old, Math.min(from - 1, old + 10)).toArray());
        }
        case 2 -> test.log.append(LongStream.rangeClosed(from, published).toArray());
        default -> {}
      }
      test.log.append(LongStream.rangeClosed(from, published).toArray());
    }

    private void settle() {
      test.log.away = false;
      for (int i = 0; i < 100; i++) {
        test.log.deliverAll(tail);
        test.log.readAll();
        test.runLater();
        clients.forEach(client -> client.drain(Integer.MAX_VALUE));
      }
    }
  }

  private void runLater() {
    List<Runnable> due = List.copyOf(later);
    later.clear();
    due.forEach(Runnable::run);
  }

  /** A client that remembers the cursor of the last record it got, and comes back with it. */
  private final class Client implements LogStream.Listener<String> {
    final List<String> got = new ArrayList<>();
    final LogTail<String> tail;
    final String key;
    LogStream<String> stream;
    Cursor cursor = new Cursor(Map.of(0, 0L));
    int room = Integer.MAX_VALUE;
    Throwable failure;

    Client(LogTail<String> tail, String key) {
      this.tail = tail;
      this.key = key;
    }

    void stands(long position) {
      cursor = new Cursor(Map.of(0, position));
    }

    void connect() {
      Cursor given = new Cursor(Map.of(0, log.highest()));
      stream = tail.follow(cursor, given, key, this);
    }

    void disconnect() {
      stream.close();
      stream = null;
    }

    void drain(int room) {
      this.room = room;
      if (stream != null && room > 0) {
        stream.goOn();
      }
    }

    @Override
    public void onRecord(LogStream<String> from, String record) {
      got.add(record);
      cursor = from.cursor();
      room = Math.max(0, room - 1);
    }

    @Override
    public boolean isFull() {
      return room == 0;
    }

    @Override
    public void onFailure(Throwable why) {
      failure = why;
    }
  }

  /** One partition; readings run when the test says so. */
  private static final class MemoryLog implements LogReader, LogView {
    final List<LogRecord> records = new ArrayList<>();
    final Queue<Runnable> readings = new ArrayDeque<>();
    long begin;
    int followed;
    int views;
    boolean away;

    static String text(long seq) {
      return "abc".charAt((int) ((seq + 2) % 3)) + Long.toString(seq);
    }

    void append(long... seqs) {
      for (long seq : seqs) {
        byte[] value = text(seq).getBytes(StandardCharsets.UTF_8);
        records.add(new LogRecord(TOPIC, 0, seq, records.size(), null, value));
      }
    }

    long highest() {
      return records.stream().mapToLong(LogRecord::position).max().orElse(0);
    }

    void deliver(LogTail<String> tail, int most) {
      for (int i = 0; i < most && followed < records.size(); i++) {
        tail.onRecord(records.get(followed++));
      }
    }

    void deliverAll(LogTail<String> tail) {
      deliver(tail, Integer.MAX_VALUE);
    }

    void readOne() {
      if (!readings.isEmpty()) {
        readings.remove().run();
      }
    }

    void readAll() {
      while (!readings.isEmpty()) {
        readings.remove().run();
      }
    }

    @Override
    public <T> Future<T> read(java.util.function.Function<LogView, T> reading) {
      Promise<T> answer = Promise.promise();
      readings.add(() -> {
        T result;
        try {
          if (away) {
            throw new TimeoutException("The broker is away.");
          }
          result = reading.apply(this);
        } catch (RuntimeException e) {
          answer.fail(e);
          return;
        }
        answer.complete(result);
      });
      return answer.future();
    }

    @Override
    public Future<Void> close() {
      return Future.succeededFuture();
    }

    @Override
    public long begin(Topic topic, int partition) {
      return begin;
    }

    @Override
    public long end(Topic topic, int partition) {
      return records.size();
    }

    @Override
    public List<LogRecord> read(Topic topic, int partition, long offset, int most) {
      views++;
      int from = (int) Math.min(records.size(), Math.max(offset, begin));
      return records.subList(from, Math.min(records.size(), from + most)).stream().toList();
    }

    @Override
    public OptionalLong offsetAt(Topic topic, int partition, long millis) {
      return OptionalLong.empty();
    }
  }
}
