package io.paillette.broker.postgres;

import io.paillette.broker.store.StoreException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the store refuses to do now, by the purpose of the connection that was told. A fault ends when the same purpose
 * succeeds, or when it was not met again for a minute: what nobody asks for cannot be said to fail.
 */
public final class StoreHealth {

    private static final Logger LOG = LoggerFactory.getLogger(StoreHealth.class);
    private static final long FORGET_NANOS = Duration.ofMinutes(1).toNanos();

    private final LongSupplier nanoClock;
    private final Map<String, Fault> faults = new ConcurrentHashMap<>();

    StoreHealth(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
    }

    /** One sentence for each fault. */
    public List<String> problems() {
        long now = nanoClock.getAsLong();
        faults.values().removeIf(fault -> now - fault.nanos() > FORGET_NANOS);
        return faults.values().stream()
                .map(fault -> "store: " + fault.text())
                .sorted()
                .toList();
    }

    void failed(String purpose, StoreException fault) {
        Fault before = faults.put(purpose, new Fault(String.valueOf(fault.getMessage()), nanoClock.getAsLong()));
        if (before == null) {
            LOG.warn("store ({}): {}", purpose, fault.getMessage());
        }
    }

    /** On every success: costs a look at an empty map. */
    void succeeded(String purpose) {
        if (!faults.isEmpty() && faults.remove(purpose) != null) {
            LOG.info("store ({}): works again", purpose);
        }
    }

    private record Fault(String text, long nanos) {}
}
