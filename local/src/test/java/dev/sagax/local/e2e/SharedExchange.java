package dev.sagax.local.e2e;

import dev.sagax.platform.boot.ServiceConfig.Setting;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives tests the one exchange of this JVM: started by the first that asks, stopped after the last.
 */
public final class SharedExchange implements ParameterResolver {
  /** The pages of this origin may call from a browser. */
  static final String PAGE = "https://trade.example.com";

  private static final ExtensionContext.Namespace NAMESPACE =
      ExtensionContext.Namespace.create(SharedExchange.class);

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == TestExchange.class;
  }

  @Override
  public TestExchange resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return context
        .getRoot()
        .getStore(NAMESPACE)
        .getOrComputeIfAbsent(TestExchange.class, key -> start(), TestExchange.class);
  }

  private static TestExchange start() {
    try {
      // Some of its tests damage the ledger; the audit would take the markets from the others.
      return TestExchange.fresh(Map.of(Setting.AUDIT_SECONDS, "0", Setting.CORS_ORIGINS, PAGE));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
