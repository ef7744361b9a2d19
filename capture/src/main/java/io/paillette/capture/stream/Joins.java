package io.paillette.capture.stream;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * What {@link TableWatch} tells the reader; the one queue between the two threads.
 *
 * @param ready  tables whose earlier rows are to be read
 * @param joined tables that the server no longer lists as joining
 */
record Joins(Queue<Integer> ready, Queue<Integer> joined) {

    Joins() {
        this(new ConcurrentLinkedQueue<>(), new ConcurrentLinkedQueue<>());
    }
}
