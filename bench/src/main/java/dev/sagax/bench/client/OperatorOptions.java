package dev.sagax.bench.client;

import dev.sagax.local.Endpoints;
import dev.sagax.local.LocalExchange;
import dev.sagax.platform.rpc.Scope;
import dev.sagax.platform.tls.TlsAdvice;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.function.ToIntFunction;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** Which exchange an operator's command asks, and as whom: the options that all of them share. */
public class OperatorOptions {
  private static final String THIS_MACHINE = "127.0.0.1";

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description =
          "The data directory of an exchange that runs on this machine (default: ${DEFAULT-VALUE}).")
  private Path data = Path.of(".sagax");

  @Option(
      names = "--target",
      paramLabel = "HOST",
      description =
          "Where the exchange is: a host with the ports 9101 to 9104, or"
              + " order=H:P,match=H:P,settle=H:P,asset=H:P (default: the one that runs over"
              + " --data, else 127.0.0.1).")
  private String target;

  @Mixin private TlsOptions tls;

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      description =
          "An operator's token, or the key that signs tokens (default: "
              + LocalExchange.KEY_FILE
              + " of --data).")
  private Path tokenFile;

  @Option(
      names = "--as",
      paramLabel = "NAME",
      description =
          "Who decides, where the key signs the token (default: ${DEFAULT-VALUE}). It is kept with"
              + " the decision.")
  private String name = "operator";

  /**
   * Does something as the operator.
   *
   * @return the exit code; what goes wrong is told in a sentence
   */
  public final int call(CommandSpec spec, ToIntFunction<Session> conversation) {
    try {
      Path tokens = tokenFile == null ? data.resolve(LocalExchange.KEY_FILE) : tokenFile;
      if (Files.notExists(tokens)) {
        throw new IllegalArgumentException(
            "There is no %s: say with --data where the exchange keeps its data, or with --token-file who may act as an operator."
                .formatted(tokens));
      }
      try (ExchangeClient client =
          new ExchangeClient(targets(), tls.transport(), TokenFile.read(tokens))) {
        return conversation.applyAsInt(client.as(name, Set.of(Scope.OPERATOR)));
      }
    } catch (IllegalArgumentException e) {
      spec.commandLine().getErr().println(e.getMessage());
      return ExitCode.USAGE;
    } catch (StatusRuntimeException e) {
      spec.commandLine().getErr().println(sentence(e));
      return ExitCode.SOFTWARE;
    } finally {
      spec.commandLine().getOut().flush();
    }
  }

  private String sentence(StatusRuntimeException e) {
    return TlsAdvice.of(e, "the service", "--ca")
        .map(advice -> "--target: " + advice + ".")
        .orElseGet(() -> isNobodyThere(e) ? nobody() : Refusals.describe(e));
  }

  /** No service has said so itself: those say why. */
  private boolean isNobodyThere(StatusRuntimeException e) {
    return e.getStatus().getCode() == Status.Code.UNAVAILABLE
        && target == null
        && Refusals.reason(e).isEmpty();
  }

  private String nobody() {
    return Endpoints.exist(data)
        ? "The exchange over %s does not answer.".formatted(data)
        : "No exchange runs over %s, and none answers at %s.".formatted(data, THIS_MACHINE);
  }

  private Targets targets() {
    if (target != null) {
      return Targets.parse(target);
    }
    return Endpoints.exist(data) ? Targets.of(Endpoints.read(data)) : Targets.parse(THIS_MACHINE);
  }
}
