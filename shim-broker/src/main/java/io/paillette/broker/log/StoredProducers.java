package io.paillette.broker.log;

import io.paillette.broker.log.LogStore.ProducerSnapshot;
import io.paillette.broker.store.StoreException;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the store knows of a partition's producers. Both methods block. */
record StoredProducers(LogStore.Claim claim, TopicPartition partition, LogParts parts) {

    private static final Logger LOG = LoggerFactory.getLogger(StoredProducers.class);

    /** Without what is under way. */
    Producers.Loaded load() {
        return Producers.load(claim.partitionId(), partition, parts);
    }

    /** Without a snapshot the next leader reads more headers, nothing else. */
    void save(ProducerSnapshot snapshot) {
        try {
            parts.store().saveProducerSnapshot(claim.partitionId(), claim.leaderEpoch(), snapshot);
        } catch (StoreException e) {
            LOG.warn("producer snapshot of {} was not saved: {}", partition, e.getMessage());
        }
    }
}
