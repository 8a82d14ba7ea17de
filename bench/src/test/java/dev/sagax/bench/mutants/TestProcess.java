package dev.sagax.bench.mutants;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.TestSource;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.engine.support.descriptor.ClassSource;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** Runs tests in a process of its own, with a bug before the classes on its class path, or none. */
final class TestProcess implements TestExecutionListener {
  private static final int MOST_TEXT = 2_000;

  private final Map<TestIdentifier, Long> begun = new ConcurrentHashMap<>();
  private final List<TestReport.Ran> ran = new ArrayList<>();
  private final List<TestReport.Failed> failed = new ArrayList<>();

  /** Arguments: the file for the report, then tests as {@code package.Class#method}. */
  public static void main(String[] arguments) throws IOException {
    List<String> tests = List.of(arguments).subList(1, arguments.length);
    run(tests).write(Path.of(arguments[0]));
    System.exit(0); // whatever threads a broken class left behind
  }

  static TestReport run(List<String> tests) {
    TestProcess listener = new TestProcess();
    var request =
        LauncherDiscoveryRequestBuilder.request()
            .selectors(tests.stream().flatMap(TestProcess::selectors).toList())
            .build();
    LauncherFactory.create().execute(request, listener);
    return new TestReport(List.copyOf(listener.ran), List.copyOf(listener.failed));
  }

  /** The method by its name alone, whatever parameters it has. */
  private static Stream<DiscoverySelector> selectors(String test) {
    String[] names = test.split("#");
    try {
      Class<?> type = Class.forName(names[0], false, TestProcess.class.getClassLoader());
      return Stream.of(type.getDeclaredMethods())
          .filter(method -> method.getName().equals(names[1]) && !method.isSynthetic())
          .map((Method method) -> DiscoverySelectors.selectMethod(type, method));
    } catch (ClassNotFoundException noTest) {
      return Stream.of();
    }
  }

  @Override
  public void executionStarted(TestIdentifier test) {
    begun.put(test, System.nanoTime());
  }

  @Override
  public synchronized void executionFinished(TestIdentifier test, TestExecutionResult result) {
    String name = name(test);
    if (test.isTest()) {
      long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun.get(test));
      ran.add(new TestReport.Ran(name, millis));
    }
    if (result.getStatus() != TestExecutionResult.Status.SUCCESSFUL) {
      Optional<Throwable> why = result.getThrowable();
      failed.add(
          new TestReport.Failed(
              name,
              test.isTest(),
              why.filter(AssertionError.class::isInstance).isPresent(),
              why.map(TestProcess::text).orElse("aborted")));
    }
  }

  private static String name(TestIdentifier test) {
    TestSource source = test.getSource().orElse(null);
    if (source instanceof MethodSource method) {
      return method.getClassName() + "#" + method.getMethodName();
    }
    return source instanceof ClassSource type ? type.getClassName() : test.getDisplayName();
  }

  private static String text(Throwable thrown) {
    StringBuilder text = new StringBuilder();
    for (Throwable t = thrown; t != null && text.length() < MOST_TEXT; t = t.getCause()) {
      text.append(text.isEmpty() ? "" : ", caused by ").append(t);
    }
    String line = text.toString().replaceAll("\\s+", " ").strip();
    return line.length() <= MOST_TEXT ? line : line.substring(0, MOST_TEXT);
  }
}
