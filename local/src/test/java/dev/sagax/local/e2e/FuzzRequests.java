package dev.sagax.local.e2e;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * Requests that are right, nearly right, and no requests at all: made from what the contract says
 * of a message and from words that mean something in its fields.
 */
final class FuzzRequests {
  private static final int MANY_ITEMS = 101;
  private static final int LONG_TEXT = 10_000;
  private static final int MOST_BYTES = 256 * 1024;
  private static final int DEEP = 3_000;

  /** Fields that most callers leave alone. */
  private static final Set<String> SELDOM =
      Set.of(
          "page_token",
          "cursor",
          "group",
          "wait",
          "statuses",
          "from",
          "until",
          "to",
          "timeout",
          "validate_only",
          "self_trade_prevention",
          "topic");

  /** Fields that must be new in each request, or else repeat another one. */
  private static final Set<String> NEW_IDS =
      Set.of("client_order_id", "new_client_order_id", "request_id", "external_id");

  private static final List<String> TEXTS =
      List.of(
          "",
          " ",
          "0",
          "-0",
          "-1",
          "+1",
          "1e9",
          "NaN",
          "Infinity",
          "0x10",
          "00",
          ".5",
          "5.",
          "1.2.3",
          "1,5",
          "0.00000001",
          "0.000000000000000000000000001",
          "9223372036854775807",
          "9223372036854775808",
          "9223372036854.775807",
          "92233720368.54775807",
          "-9223372036854775808",
          "18446744073709551616",
          "99999999999999999999999999999999999999999999",
          "a\u0000b",
          "\n",
          "\r\nset-cookie: a",
          "\u007f",
          "\u0661\u0662",
          "\ud83d\ude80",
          "\u202e",
          "\ufeff1",
          "' or 1=1 --",
          "$1",
          "%00",
          "{ledger}",
          "../../etc/passwd",
          "order.dlq/0/1",
          "order.dlq/-1/1",
          "order.dlq/2147483648/9223372036854775807",
          "0123456789abcdef0123456789abcdef",
          "ffffffffffffffffffffffffffffffff",
          "00000000000000000000000000000000",
          "AAAA",
          "====");

  private static final long[] NUMBERS = {
    0,
    1,
    -1,
    2,
    49,
    50,
    99,
    100,
    101,
    499,
    500,
    501,
    999,
    1_000,
    1_001,
    4_999,
    5_000,
    5_001,
    Integer.MAX_VALUE,
    Integer.MIN_VALUE,
    1L + Integer.MAX_VALUE,
    253_402_300_799L,
    253_402_300_800L,
    -62_135_596_800L,
    -62_135_596_801L,
    1L << 53,
    (1L << 53) + 1,
    1L << 62,
    Long.MAX_VALUE,
    Long.MIN_VALUE,
    Long.MAX_VALUE / 1_000_000,
    1_000_000_000
  };

  private final Random random;
  private final Map<String, List<String>> words;
  private final String name;
  private int ids;

  /**
   * @param words what a field of this name may say, and mean something
   * @param name begins the new ids
   */
  FuzzRequests(Random random, Map<String, List<String>> words, String name) {
    this.random = random;
    this.words = words;
    this.name = name;
  }

  /** The messages of one call: nearly always one. */
  byte[][] next(Descriptor type) {
    Message.Builder request = right(type);
    if (!chance(20)) {
      for (int i = random.nextInt(4); i >= 0; i--) {
        spoil(request);
      }
    }
    byte[] bytes = request.build().toByteArray();
    if (chance(15)) {
      bytes = spoil(bytes);
    }
    return switch (random.nextInt(100)) {
      case 0 -> new byte[0][];
      case 1 -> new byte[][] {bytes, bytes};
      default -> new byte[][] {bytes};
    };
  }

  private boolean chance(int percent) {
    return random.nextInt(100) < percent;
  }

  private <T> T any(List<T> of) {
    return of.get(random.nextInt(of.size()));
  }

  // ---- right requests

  private DynamicMessage.Builder right(Descriptor type) {
    DynamicMessage.Builder message = DynamicMessage.newBuilder(type);
    type.getRealOneofs().forEach(oneof -> set(message, any(oneof.getFields())));
    for (FieldDescriptor field : type.getFields()) {
      if (field.getRealContainingOneof() == null
          && chance(SELDOM.contains(field.getName()) ? 15 : 95)) {
        set(message, field);
      }
    }
    return message;
  }

  private void set(Message.Builder message, FieldDescriptor field) {
    if (field.isRepeated()) {
      for (int i = 1 + random.nextInt(3); i > 0; i--) {
        message.addRepeatedField(field, rightValue(field));
      }
    } else {
      message.setField(field, rightValue(field));
    }
  }

  private Object rightValue(FieldDescriptor field) {
    return switch (field.getJavaType()) {
      case STRING -> rightText(field.getName());
      case ENUM -> any(field.getEnumType().getValues());
      case INT -> 1 + random.nextInt(4);
      case LONG -> field.getName().equals("seconds") ? seconds() : 1L + random.nextInt(1_000);
      case BOOLEAN -> chance(30);
      case MESSAGE -> right(field.getMessageType()).build();
      case BYTE_STRING -> ByteString.copyFrom(noise(16));
      case FLOAT -> 1f;
      case DOUBLE -> 1d;
    };
  }

  /** Of a time, or of a duration: both are plausible at times. */
  private long seconds() {
    return chance(50) ? 5 + random.nextInt(100) : System.currentTimeMillis() / 1_000;
  }

  private String rightText(String field) {
    if (NEW_IDS.contains(field) && chance(80)) {
      ids++;
      return name + "-" + ids;
    }
    List<String> known = words.get(field);
    return known == null ? "text" : any(known);
  }

  // ---- nearly right ones

  private void spoil(Message.Builder message) {
    if (chance(10)) {
      message.setUnknownFields(unknown());
      return;
    }
    List<FieldDescriptor> fields = message.getDescriptorForType().getFields();
    if (fields.isEmpty()) {
      message.setUnknownFields(unknown());
      return;
    }
    FieldDescriptor field = any(fields);
    if (field.isRepeated()) {
      spoilList(message, field);
    } else if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE && chance(80)) {
      Message.Builder inner = ((Message) message.getField(field)).toBuilder();
      spoil(inner);
      message.setField(field, inner.build());
    } else if (chance(10)) {
      message.clearField(field);
    } else {
      message.setField(field, wrongValue(field, message.getField(field)));
    }
  }

  private void spoilList(Message.Builder message, FieldDescriptor field) {
    int items = message.getRepeatedFieldCount(field);
    if (items == 0 || chance(20)) {
      message.addRepeatedField(field, rightValue(field));
    } else if (chance(10)) {
      message.clearField(field);
    } else if (chance(10)) {
      Object item = message.getRepeatedField(field, 0);
      for (int i = items; i < MANY_ITEMS; i++) {
        message.addRepeatedField(field, item);
      }
    } else {
      int at = random.nextInt(items);
      Object item = message.getRepeatedField(field, at);
      if (item instanceof Message inner) {
        Message.Builder builder = inner.toBuilder();
        spoil(builder);
        message.setRepeatedField(field, at, builder.build());
      } else {
        message.setRepeatedField(field, at, wrongValue(field, item));
      }
    }
  }

  private Object wrongValue(FieldDescriptor field, Object now) {
    return switch (field.getJavaType()) {
      case STRING -> wrongText((String) now);
      case ENUM -> wrongEnum(field.getEnumType());
      case INT -> (int) NUMBERS[random.nextInt(NUMBERS.length)];
      case LONG -> chance(70) ? NUMBERS[random.nextInt(NUMBERS.length)] : random.nextLong();
      case BOOLEAN -> !(Boolean) now;
      case MESSAGE -> DynamicMessage.getDefaultInstance(field.getMessageType());
      case BYTE_STRING -> ByteString.copyFrom(noise(random.nextInt(LONG_TEXT)));
      case FLOAT -> Float.NaN;
      case DOUBLE -> Double.NaN;
    };
  }

  private Object wrongEnum(EnumDescriptor type) {
    int number = chance(50) ? random.nextInt(200) - 20 : random.nextInt();
    return type.findValueByNumberCreatingIfUnknown(number);
  }

  private String wrongText(String now) {
    return switch (random.nextInt(20)) {
      case 0 -> "9".repeat(1 + random.nextInt(LONG_TEXT));
      case 1 -> "x".repeat(63 + random.nextInt(4));
      case 2 -> "x".repeat(498 + random.nextInt(5));
      case 3 -> chance(10) ? "h".repeat(hugeLength()) : "\u00e4".repeat(random.nextInt(LONG_TEXT));
      case 4 -> now + any(TEXTS);
      case 5, 6, 7 -> withOtherLetter(now);
      case 8, 9, 10 -> any(any(List.copyOf(words.values())));
      case 11, 12 -> otherPlace(now);
      case 13 -> new String(noise(random.nextInt(100)), StandardCharsets.ISO_8859_1);
      default -> any(TEXTS);
    };
  }

  /** On both sides of what a message may weigh. */
  private int hugeLength() {
    return MOST_BYTES - 1_000 + random.nextInt(chance(80) ? 2_000 : 3 * MOST_BYTES);
  }

  private String withOtherLetter(String text) {
    if (text.isEmpty()) {
      return "a";
    }
    StringBuilder changed = new StringBuilder(text);
    changed.setCharAt(random.nextInt(text.length()), (char) random.nextInt(0xd800));
    return changed.toString();
  }

  /** A token or cursor that names its list as it should, and another place in it. */
  private String otherPlace(String text) {
    try {
      byte[] inside = Base64.getUrlDecoder().decode(text);
      byte[] changed = chance(50) ? spoilEnd(inside) : spoil(inside);
      return Base64.getUrlEncoder().withoutPadding().encodeToString(changed);
    } catch (IllegalArgumentException noToken) {
      return withOtherLetter(text);
    }
  }

  private byte[] spoilEnd(byte[] bytes) {
    int keep = Math.max(0, bytes.length - 1 - random.nextInt(12));
    byte[] end = any(TEXTS).getBytes(StandardCharsets.UTF_8);
    byte[] changed = Arrays.copyOf(bytes, keep + end.length);
    System.arraycopy(end, 0, changed, keep, end.length);
    return changed;
  }

  private UnknownFieldSet unknown() {
    UnknownFieldSet.Field field =
        switch (random.nextInt(4)) {
          case 0 -> UnknownFieldSet.Field.newBuilder().addVarint(random.nextLong()).build();
          case 1 -> UnknownFieldSet.Field.newBuilder().addFixed64(random.nextLong()).build();
          case 2 -> UnknownFieldSet.Field.newBuilder().addFixed32(random.nextInt()).build();
          default ->
              UnknownFieldSet.Field.newBuilder()
                  .addLengthDelimited(ByteString.copyFrom(noise(random.nextInt(LONG_TEXT))))
                  .build();
        };
    return UnknownFieldSet.newBuilder().addField(100 + random.nextInt(1_000_000), field).build();
  }

  // ---- bytes

  private byte[] spoil(byte[] bytes) {
    if (bytes.length == 0) {
      return noise(1 + random.nextInt(50));
    }
    return switch (random.nextInt(8)) {
      case 0, 1 -> Arrays.copyOf(bytes, random.nextInt(bytes.length));
      case 2, 3 -> {
        byte[] changed = bytes.clone();
        for (int i = random.nextInt(4); i >= 0; i--) {
          changed[random.nextInt(changed.length)] = (byte) random.nextInt();
        }
        yield changed;
      }
      case 4 -> noise(random.nextInt(300));
      case 5 -> with(bytes, new byte[] {0x0a, 0x02, (byte) 0xc3, 0x28}); // no UTF-8
      case 6 -> with(bytes, hugeLengths());
      default -> with(bytes, nested());
    };
  }

  private byte[] noise(int length) {
    byte[] noise = new byte[length];
    random.nextBytes(noise);
    return noise;
  }

  private static byte[] with(byte[] bytes, byte[] more) {
    byte[] all = Arrays.copyOf(bytes, bytes.length + more.length);
    System.arraycopy(more, 0, all, bytes.length, more.length);
    return all;
  }

  /** A field that says that it is longer than any message. */
  private byte[] hugeLengths() {
    var bytes = new ByteArrayOutputStream();
    try {
      CodedOutputStream out = CodedOutputStream.newInstance(bytes, 16);
      out.writeTag(1 + random.nextInt(40), 2);
      out.writeUInt64NoTag(chance(50) ? Integer.MAX_VALUE : random.nextLong());
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e); // there is no I/O
    }
    return bytes.toByteArray();
  }

  /** Groups in groups, deeper than anybody may recurse. */
  private static byte[] nested() {
    byte[] groups = new byte[DEEP];
    Arrays.fill(groups, (byte) 0x0b);
    return groups;
  }
}
