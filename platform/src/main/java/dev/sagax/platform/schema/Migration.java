package dev.sagax.platform.schema;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** One step of a schema from a version to the next: a file of SQL on the class path. */
record Migration(int version, String resource, ClassLoader classes) {
  /** Those of the steps, which every service has. */
  private static final List<String> OF_THE_PLATFORM =
      List.of("dev/sagax/platform/schema/V1__step_tables.sql");

  private static final Pattern NAME = Pattern.compile("(?:.*/)?V(\\d+)__\\w+\\.sql");

  /** All of a service's schema, in their order. */
  static List<Migration> of(ServiceSchema schema) {
    return Stream.concat(
            OF_THE_PLATFORM.stream().map(r -> at(r, Migration.class.getClassLoader())),
            schema.migrations().stream().map(r -> at(r, schema.getClass().getClassLoader())))
        .sorted(Comparator.comparingInt(Migration::version))
        .toList();
  }

  private static Migration at(String resource, ClassLoader classes) {
    Matcher name = NAME.matcher(resource);
    if (!name.matches()) {
      throw new IllegalArgumentException(
          "A migration is called like V12__what_it_does.sql, not " + resource + ".");
    }
    return new Migration(Integer.parseInt(name.group(1)), resource, classes);
  }

  /** "V2__orders.sql" */
  String fileName() {
    return resource.substring(resource.lastIndexOf('/') + 1);
  }

  String sql() {
    return text(classes, resource);
  }

  static String text(ClassLoader classes, String resource) {
    try (InputStream in = classes.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException("There is no resource " + resource);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
