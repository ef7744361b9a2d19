package io.paillette.broker.log;

import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.KafkaStorageException;

/**
 * A transaction of this broker's own, spread over several appends, was ended by somebody else (a forced abort through Admin):
 * it has to be begun once more, under another producer id.
 */
public final class EndedByOthersException extends KafkaStorageException {

    private static final long serialVersionUID = 1L;

    private final long producerId;

    EndedByOthersException(long producerId, TopicPartition partition) {
        super("the transaction of producer " + producerId + " in " + partition + " was ended by somebody else");
        this.producerId = producerId;
    }

    public long producerId() {
        return producerId;
    }
}
