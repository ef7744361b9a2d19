package io.paillette.broker.cli.remote;

import org.apache.kafka.common.KafkaException;

/** What a command does. */
@FunctionalInterface
interface Task {

    /** @throws RefusedException when it cannot be done */
    void run() throws RefusedException, InterruptedException;

    /** As the other, of one that is asked over HTTP. */
    static int run(Answer answer, Task task) throws InterruptedException {
        try {
            task.run();
            return 0;
        } catch (RefusedException e) {
            answer.say(String.valueOf(e.getMessage()));
            return 2;
        }
    }

    /** Its exit code: 0 done, 2 refused, with a sentence that says why. */
    static int run(Remote remote, Answer answer, Task task) throws InterruptedException {
        try {
            task.run();
            return 0;
        } catch (RefusedException e) {
            answer.say(String.valueOf(e.getMessage()));
        } catch (KafkaException e) {
            answer.say(String.valueOf(remote.refused(e).getMessage()));
        }
        return 2;
    }
}
