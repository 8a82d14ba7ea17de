package dev.sagax.local.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives tests the one exchange of this JVM: started by the first that asks, stopped after the last.
 */
public final class SharedExchange implements ParameterResolver {
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
      return TestExchange.fresh();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
