package io.paillette.connect;

import io.paillette.capture.Capture;
import io.paillette.capture.CaptureException;
import io.paillette.capture.Position;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.connect.errors.ConnectException;

/** Offsets that somebody gives to a stopped connector ({@code PATCH /connectors/name/offsets}, KIP-875). */
final class GivenOffsets {

    private final ConnectorConfig config;

    GivenOffsets(ConnectorConfig config) {
        this.config = config;
    }

    /** @throws ConnectException when the task could not go on from one of them */
    void check(Map<Map<String, ?>, Map<String, ?>> offsets) {
        offsets.forEach((partition, offset) -> {
            // What is removed may be whose it likes: it is how one gets rid of what is not ours.
            if (offset != null) {
                requirePartition(partition);
                requireWay(position(offset));
            }
        });
    }

    private void requirePartition(Map<String, ?> partition) {
        if (!config.partition().equals(partition)) {
            throw new ConnectException("partition " + partition + " is not this connector's, which has one: "
                    + config.partition() + ", its topic.prefix");
        }
    }

    private Position position(Map<String, ?> offset) {
        try {
            return SourceOffset.given(new HashMap<>(offset), config::takenOver);
        } catch (IllegalArgumentException e) {
            throw new ConnectException(e.getMessage(), e);
        }
    }

    private void requireWay(Position position) {
        try {
            Optional<String> obstacle = Capture.obstacle(config.captureSettings(), position);
            if (obstacle.isPresent()) {
                throw new ConnectException(obstacle.get() + ". Give a position that the slot has, or remove the offsets"
                        + " (DELETE): then the tables are read again");
            }
        } catch (CaptureException | ConfigException e) {
            throw new ConnectException("Whether the connector can go on there cannot be told: " + e.getMessage(), e);
        }
    }
}
