package io.paillette.broker.txn;

import java.util.List;
import java.util.stream.IntStream;

/** So many calls to the store of transactions are under way at once. */
final class Lanes implements AutoCloseable {

    static final int COUNT = 4;

    private final List<Lane> lanes =
            IntStream.range(0, COUNT).mapToObj(Lane::new).toList();

    Lane of(String id) {
        return lanes.get(Math.floorMod(id.hashCode(), COUNT));
    }

    @Override
    public void close() {
        lanes.forEach(Lane::close);
    }
}
