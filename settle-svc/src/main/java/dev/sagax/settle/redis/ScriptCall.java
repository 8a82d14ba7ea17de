package dev.sagax.settle.redis;

import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The keys and arguments of one script call; see prelude.lua for their order. */
final class ScriptCall {
  private final LedgerScript script;
  private final List<String> keys = new ArrayList<>();
  private final Map<String, Integer> keyNumbers = new HashMap<>();
  private final List<String> arguments = new ArrayList<>();

  ScriptCall(LedgerScript script) {
    this.script = script;
  }

  LedgerScript script() {
    return script;
  }

  /** The number of a key, from 1; a key is passed once, however often it is used. */
  int key(String key) {
    return keyNumbers.computeIfAbsent(
        key,
        k -> {
          keys.add(k);
          return keys.size();
        });
  }

  ScriptCall arg(String argument) {
    arguments.add(argument);
    return this;
  }

  ScriptCall arg(long argument) {
    return arg(Long.toString(argument));
  }

  Request bySha() {
    return with(Request.cmd(Command.EVALSHA).arg(script.sha));
  }

  Request byText() {
    return with(Request.cmd(Command.EVAL).arg(script.text));
  }

  private Request with(Request request) {
    request.arg(keys.size());
    keys.forEach(request::arg);
    arguments.forEach(request::arg);
    return request;
  }
}
