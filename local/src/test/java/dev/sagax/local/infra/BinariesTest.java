package dev.sagax.local.infra;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BinariesTest {
  @TempDir Path cache;

  @Test
  void unpacksOnceThoughTwoAskAtTheSameTime() throws Exception {
    Callable<Path> unpack = () -> Binaries.redis(cache);

    try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
      List<Future<Path>> places = threads.invokeAll(List.of(unpack, unpack));

      assertThat(places.get(0).get()).isEqualTo(places.get(1).get()).isExecutable();
    }
    try (Stream<Path> left = Files.list(cache)) {
      assertThat(left).hasSize(1);
    }
  }
}
