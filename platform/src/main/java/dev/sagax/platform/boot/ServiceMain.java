package dev.sagax.platform.boot;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * The process of one service: reads the configuration, starts the verticle, stops gracefully on
 * SIGTERM.
 */
@Command(mixinStandardHelpOptions = true, versionProvider = Version.class)
public final class ServiceMain implements Callable<Integer> {
  private static final long STOP_SECONDS = 15;

  private final String name;
  private final int defaultPort;
  private final Function<ServiceConfig, ServiceVerticle> service;

  @Option(
      names = "--config",
      description = "A properties file; environment variables go before it.")
  private Path configFile;

  @Option(names = "--markets", description = "The markets file; goes before all other settings.")
  private Path marketsFile;

  /** Made when it is first written to, which may not be before it is known in which format. */
  private static final class Log {
    static final Logger LOG = LoggerFactory.getLogger(ServiceMain.class);
  }

  private ServiceMain(
      String name, int defaultPort, Function<ServiceConfig, ServiceVerticle> service) {
    this.name = name;
    this.defaultPort = defaultPort;
    this.service = service;
  }

  /** What a service's {@code main} calls; exits when a start fails. */
  public static void run(
      String name,
      int defaultPort,
      Function<ServiceConfig, ServiceVerticle> service,
      String... args) {
    CommandLine command =
        new CommandLine(new ServiceMain(name, defaultPort, service)).setCommandName(name);
    command.getCommandSpec().usageMessage().footer(settings());
    int exitCode = command.execute(args);
    if (exitCode != 0) {
      System.exit(exitCode);
    }
  }

  private static String[] settings() {
    return java.util.stream.Stream.concat(
            java.util.stream.Stream.of("", "Settings (variable, key in the file, meaning):"),
            java.util.Arrays.stream(ServiceConfig.Setting.values())
                .map(s -> "  %-34s %-26s %s".formatted(s.variable(), s.key(), s.meaning())))
        .toArray(String[]::new);
  }

  @Override
  public Integer call() {
    ServiceConfig config;
    try {
      Map<String, String> environment = new java.util.HashMap<>(System.getenv());
      if (marketsFile != null) {
        environment.put(ServiceConfig.Setting.MARKETS_FILE.variable(), marketsFile.toString());
      }
      config = ServiceConfig.load(defaultPort, environment, configFile);
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
      return CommandLine.ExitCode.USAGE;
    }
    config.logFormat().use(name, config.instanceId());
    // Without a cache of class path files, which would stay behind when the process is killed.
    VertxOptions options =
        new VertxOptions()
            .setFileSystemOptions(new FileSystemOptions().setClassPathResolvingEnabled(false));
    Vertx vertx = Vertx.vertx(options);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(vertx)));
    try {
      vertx.deployVerticle(service.apply(config)).toCompletionStage().toCompletableFuture().join();
      return CommandLine.ExitCode.OK;
    } catch (CompletionException e) {
      if (e.getCause() instanceof StartRefusedException refused) {
        Log.LOG.error("The service cannot start: {}", refused.getMessage());
      } else {
        Log.LOG.error("The service cannot start", e);
      }
      return CommandLine.ExitCode.SOFTWARE;
    } catch (RuntimeException e) {
      Log.LOG.error("The service cannot start", e);
      return CommandLine.ExitCode.SOFTWARE;
    }
  }

  private static void stop(Vertx vertx) {
    try {
      vertx.close().toCompletionStage().toCompletableFuture().get(STOP_SECONDS, TimeUnit.SECONDS);
    } catch (Exception e) {
      Log.LOG.error("The service did not stop gracefully", e);
    }
  }
}
