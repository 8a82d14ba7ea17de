package dev.sagax.platform.log;

import dev.sagax.platform.rpc.Health;
import io.vertx.core.Context;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;

/**
 * What one step says of its partition, until the next step of this partition begins to speak. A
 * step that is slow to stop would else say of its successor, which still loads or is stopped, that
 * all is well because the partition is not ours any more. Safe on any thread.
 */
final class StepHealth implements Health {
  private final Health whole;

  /** Whose word counts; one for all steps of a partition in this process. */
  private final AtomicReference<StepHealth> speaker;

  private final Set<String> down = new HashSet<>();
  private final Set<String> sounding = new HashSet<>();

  /**
   * @param speaker the same for all steps of a partition
   */
  StepHealth(Health whole, AtomicReference<StepHealth> speaker) {
    this.whole = whole;
    this.speaker = speaker;
  }

  /** The first word of a step. What its predecessor has left behind is over. */
  @Override
  public void loading(String dependency) {
    synchronized (speaker) {
      StepHealth before = speaker.getAndSet(this);
      whole.loading(dependency);
      down.add(dependency);
      if (before != null && before != this) {
        before.down.remove(dependency);
        before.withdraw();
      }
    }
  }

  private void withdraw() {
    down.forEach(dependency -> whole.report(dependency, true, "another step has it"));
    sounding.forEach(name -> whole.alarm(name, false, "another step has it"));
  }

  @Override
  public void report(String dependency, boolean up, String detail) {
    synchronized (speaker) {
      if (speaker.get() == this) {
        note(down, dependency, !up);
        whole.report(dependency, up, detail);
      }
    }
  }

  @Override
  public void alarm(String name, boolean sounds, String detail) {
    synchronized (speaker) {
      if (speaker.get() == this) {
        note(sounding, name, sounds);
        whole.alarm(name, sounds, detail);
      }
    }
  }

  private static void note(Set<String> names, String name, boolean isOne) {
    if (isOne) {
      names.add(name);
    } else {
      names.remove(name);
    }
  }

  @Override
  public Runnable watchLoop(Context context) {
    return whole.watchLoop(context);
  }
}
