package io.paillette.broker.cluster;

import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.Uuid;

/**
 * Who should lead what, from nothing but who serves: all brokers that see the same brokers come to the same answer, and a
 * topic that is made or deleted moves no other.
 *
 * <p>Rendezvous hashing: each duty goes to the broker with the highest score for it, so a broker that leaves gives only what it
 * had, and one that joins takes only what it gets. Within a topic no broker gets more than its share rounded up, of many brokers
 * one more, which moves a few partitions more (docs/adr/0010-placement.md).
 */
public final class Placement {

    private static final long SHARDS = 0x636f6f7264696e61L;
    private static final long SOURCES = 0x736f757263657321L;
    private static final long TRANSACTIONS = 0x7472616e73616374L;

    /** Up to so many brokers an even share costs few moves. */
    private static final int FEW_BROKERS = 3;

    private final List<Member> serving;

    Placement(Collection<Member> members) {
        this.serving = members.stream()
                .filter(Member::isServing)
                .sorted(Comparator.comparingInt(Member::id))
                .toList();
    }

    /** Broker of each partition; {@link Leader#NOBODY} while nobody serves. */
    public int[] partitions(Uuid topicId, int count) {
        return spread(mix(topicId.getMostSignificantBits() ^ mix(topicId.getLeastSignificantBits())), count);
    }

    public int[] shards(int count) {
        return spread(SHARDS, count);
    }

    /** Of the brokers whose configuration knows the source; of all when none does, so that its sequences can be read. */
    public int source(String name) {
        List<Member> able = serving.stream()
                .filter(member -> member.sources().contains(name))
                .toList();
        long key = mix(SOURCES ^ name.hashCode());
        return best(able.isEmpty() ? serving : able, key);
    }

    /** Who coordinates a transactional id: among those who serve, anybody may. */
    public int transaction(String transactionalId) {
        return best(serving, mix(TRANSACTIONS ^ transactionalId.hashCode()));
    }

    private static int best(List<Member> among, long key) {
        return among.stream()
                .max(Comparator.comparingLong(member -> score(key, member.id())))
                .map(Member::id)
                .orElse(Leader.NOBODY);
    }

    private int[] spread(long key, int count) {
        var brokers = new int[count];
        Arrays.fill(brokers, Leader.NOBODY);
        if (serving.isEmpty()) {
            return brokers;
        }
        int share = (count + serving.size() - 1) / serving.size() + (serving.size() > FEW_BROKERS ? 1 : 0);
        Map<Integer, Integer> given = new HashMap<>();
        for (int index = 0; index < count; index++) {
            long own = mix(key + index);
            int best = serving.stream()
                    .map(Member::id)
                    .filter(id -> given.getOrDefault(id, 0) < share)
                    .max(Comparator.comparingLong(id -> score(own, id)))
                    .orElseThrow();
            given.merge(best, 1, Integer::sum);
            brokers[index] = best;
        }
        return brokers;
    }

    private static long score(long key, int broker) {
        return mix(key ^ mix(broker + 0x9e3779b97f4a7c15L));
    }

    /** Finaliser of SplitMix64: every bit of the input moves half of the bits of the output. */
    private static long mix(long value) {
        long z = (value ^ (value >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }
}
