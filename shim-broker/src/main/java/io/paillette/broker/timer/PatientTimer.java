package io.paillette.broker.timer;

import java.util.concurrent.TimeUnit;
import org.apache.kafka.server.util.timer.SystemTimer;
import org.apache.kafka.server.util.timer.Timer;
import org.apache.kafka.server.util.timer.TimerTask;

/**
 * Kafka's timer for those of its threads that ask for expired tasks every 200 ms. They may as well wait longer: a task that is
 * added wakes whoever waits when it is the next to expire, and to end they add one.
 */
public final class PatientTimer implements Timer {

    private static final long LONGEST_WAIT_MILLIS = TimeUnit.SECONDS.toMillis(10);

    private final SystemTimer timer;

    public PatientTimer(String name) {
        this.timer = new SystemTimer(name);
    }

    @Override
    public void add(TimerTask task) {
        timer.add(task);
    }

    @Override
    public boolean advanceClock(long timeoutMillis) throws InterruptedException {
        return timer.advanceClock(Math.max(timeoutMillis, LONGEST_WAIT_MILLIS));
    }

    @Override
    public int size() {
        return timer.size();
    }

    @Override
    public void close() {
        timer.close();
    }
}
