package io.paillette.broker.cluster;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** Who leads what, as far as this broker has heard. A higher epoch is newer, in whatever order news arrive. */
public final class Leaders {

    private final Map<Duty, Leader> leaders = new ConcurrentHashMap<>();
    private final Set<String> sources = ConcurrentHashMap.newKeySet(); // of the keys above, which are many
    private final List<Waiting> waiting = new CopyOnWriteArrayList<>();

    Leaders() {}

    public Leader of(Duty duty) {
        return leaders.getOrDefault(duty, duty instanceof Duty.Partition ? Leader.NEVER : Leader.NEVER_FROM_ZERO);
    }

    /** Of the same epoch the later news count: it was released. */
    public void heard(Map<? extends Duty, Leader> news) {
        news.forEach((duty, leader) -> {
            leaders.merge(duty, leader, (old, now) -> now.epoch() >= old.epoch() ? now : old);
            if (duty instanceof Duty.Source source) {
                sources.add(source.name());
            }
        });
        waiting.forEach(this::look);
    }

    /** Its topic is deleted. */
    public void forget(Duty duty) {
        leaders.remove(duty);
        waiting.forEach(this::look);
    }

    /** Completes, on whatever thread brings the news, once each of them has a leader, or after {@code limit}. */
    CompletableFuture<Void> allLed(Collection<? extends Duty> duties, Duration limit) {
        var wait = new Waiting(List.copyOf(duties), new CompletableFuture<>());
        waiting.add(wait);
        look(wait);
        return wait.done()
                .completeOnTimeout(null, limit.toMillis(), TimeUnit.MILLISECONDS)
                .whenComplete((led, error) -> waiting.remove(wait));
    }

    boolean isAwaited() {
        return !waiting.isEmpty();
    }

    Collection<String> sources() {
        return sources;
    }

    boolean anyOf(int broker) {
        return leaders.values().stream().anyMatch(leader -> leader.broker() == broker);
    }

    private void look(Waiting wait) {
        if (wait.duties().stream().allMatch(duty -> of(duty).broker() != Leader.NOBODY)) {
            wait.done().complete(null);
        }
    }

    private record Waiting(List<Duty> duties, CompletableFuture<Void> done) {}
}
