package io.paillette.broker.postgres;

import io.paillette.broker.replay.Share;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * What the shares of a replay have in common.
 *
 * @param partitions that its topic has
 */
record ReplayUnderWay(long id, boolean waiting, String topic, int partitions, String condition, Share.Target target) {

    static ReplayUnderWay of(ResultSet row) throws SQLException {
        return new ReplayUnderWay(
                row.getLong(1),
                row.getString(2).equals("waiting"),
                row.getString(3),
                row.getInt(11),
                row.getString(4),
                new Share.Target(
                        row.getString(5),
                        List.of((Long[]) row.getArray(8).getArray()),
                        Long.parseLong(row.getString(9)),
                        row.getString(10).contains("compact"),
                        headers((String[]) row.getArray(6).getArray(), (String[])
                                row.getArray(7).getArray())));
    }

    private static Map<String, Optional<String>> headers(String[] names, @Nullable String[] values) {
        var headers = new HashMap<String, Optional<String>>();
        for (int i = 0; i < names.length; i++) {
            headers.put(names[i], Optional.ofNullable(values[i]));
        }
        return headers;
    }

    /** Of one of its partitions. */
    Share share(ResultSet row) throws SQLException {
        double from = row.getDouble(6);
        Optional<Long> fromTimestamp = row.wasNull() ? Optional.empty() : Optional.of(Math.round(from));
        return new Share(
                id,
                new TopicPartition(topic, row.getInt(2)),
                row.getLong(3),
                partitions,
                waiting,
                fromTimestamp,
                row.getLong(4),
                row.getLong(5),
                condition,
                target);
    }
}
