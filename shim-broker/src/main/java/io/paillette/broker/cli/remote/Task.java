package io.paillette.broker.cli.remote;

import java.util.concurrent.Callable;
import org.apache.kafka.common.KafkaException;

/** What a command does, and its exit code: 0 done, 2 refused with a sentence. */
@FunctionalInterface
interface Task {

    void run() throws RefusedException, InterruptedException;

    static Callable<Integer> guarded(Remote remote, Answer answer, Task task) {
        return () -> {
            try {
                task.run();
                return 0;
            } catch (RefusedException e) {
                answer.say(String.valueOf(e.getMessage()));
            } catch (KafkaException e) {
                answer.say(String.valueOf(remote.refused(e).getMessage()));
            }
            return 2;
        };
    }
}
