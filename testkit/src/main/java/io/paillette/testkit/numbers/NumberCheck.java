package io.paillette.testkit.numbers;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.awaitility.Awaitility;

/** Compares what was acknowledged to a writer with what a group has read. */
public final class NumberCheck {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private NumberCheck() {}

    /** Waits until the group has read what was acknowledged; answers what is wrong, empty when nothing is. */
    public static List<String> faults(NumberWriter writer, NumberReader reader) {
        var faults = new ArrayList<String>();
        writer.failures().forEach(failure -> faults.add("not written: " + failure));
        try {
            Awaitility.await().atMost(PATIENCE).until(() -> isReadToTheEnd(writer, reader));
        } catch (org.awaitility.core.ConditionTimeoutException e) {
            faults.add("the group did not get to the end within " + PATIENCE);
        }
        faults.addAll(reader.faults());
        for (int partition = 0; partition < writer.partitionCount(); partition++) {
            compare(partition, writer.acknowledged(partition), reader.numbers(partition), faults);
        }
        return faults;
    }

    private static boolean isReadToTheEnd(NumberWriter writer, NumberReader reader) {
        for (int partition = 0; partition < writer.partitionCount(); partition++) {
            var acknowledged = writer.acknowledged(partition);
            if (!acknowledged.isEmpty() && reader.end(partition) <= acknowledged.lastKey()) {
                return false;
            }
        }
        return true;
    }

    private static void compare(
            int partition, Map<Long, Long> acknowledged, SortedMap<Long, Long> read, List<String> faults) {
        acknowledged.forEach((offset, number) -> {
            if (!number.equals(read.get(offset))) {
                faults.add("partition " + partition + ": " + number + " was acknowledged at offset " + offset
                        + ", where " + read.get(offset) + " is");
            }
        });
        long last = -1;
        for (Map.Entry<Long, Long> one : read.entrySet()) {
            if (one.getValue() != last + 1) {
                faults.add("partition " + partition + ": " + one.getValue() + " at offset " + one.getKey() + " follows "
                        + last);
            }
            last = one.getValue();
        }
    }
}
