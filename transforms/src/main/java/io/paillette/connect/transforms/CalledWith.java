package io.paillette.connect.transforms;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What functions are called with. Where a value is a change, in the envelope of that name or in Debezium's, it is the same as in the
 * broker; of any other one it is that value alone.
 */
record CalledWith(
        @Nullable String action, @Nullable Object record, @Nullable Object changes, @Nullable Object metadata) {

    private static final Set<String> ACTIONS = Set.of("insert", "update", "delete", "read", "truncate");

    /** By {@code op}; a logical message is no change of a row, and has no action in the broker. */
    private static final Map<String, String> OPS =
            Map.of("c", "insert", "u", "update", "d", "delete", "r", "read", "t", "truncate");

    /** @param value as {@link PlainValue} has it */
    static CalledWith of(@Nullable Object value) {
        if (value instanceof Map<?, ?> map) {
            if (isChange(map)) {
                return ofChange(map);
            }
            if (isDebezium(map)) {
                return ofDebezium(map);
            }
        }
        return new CalledWith(null, value, null, null);
    }

    private static boolean isChange(Map<?, ?> map) {
        return map.get("action") instanceof String action
                && ACTIONS.contains(action)
                && map.get("metadata") instanceof Map<?, ?>
                && map.containsKey("record")
                && map.containsKey("changes");
    }

    /** In a schema every column has a place in {@code changes}: which of them are told, metadata says. */
    private static CalledWith ofChange(Map<?, ?> map) {
        String action = (String) map.get("action");
        Map<?, ?> metadata = (Map<?, ?>) Objects.requireNonNull(map.get("metadata"));
        Object changes = map.get("changes");
        if (metadata.containsKey("changed_columns") && changes instanceof Map<?, ?> old) {
            var told = new LinkedHashMap<Object, Object>();
            if (metadata.get("changed_columns") instanceof Collection<?> columns) {
                columns.forEach(column -> told.put(column, old.get(column)));
            }
            changes = told;
        }
        return new CalledWith(action, map.get("record"), changes, metadata);
    }

    private static boolean isDebezium(Map<?, ?> map) {
        return map.get("op") instanceof String op
                && OPS.containsKey(op)
                && map.get("source") instanceof Map<?, ?>
                && (map.containsKey("before") || map.containsKey("after"));
    }

    private static CalledWith ofDebezium(Map<?, ?> map) {
        String action = OPS.get(map.get("op"));
        Object before = map.get("before");
        Object after = map.get("after");
        return new CalledWith(
                action,
                after == null ? before : after,
                "update".equals(action) ? changes(before, after) : null,
                metadata((Map<?, ?>) Objects.requireNonNull(map.get("source"))));
    }

    /** The old values of what has changed; nothing where the old row is not known. */
    private static Map<Object, Object> changes(@Nullable Object before, @Nullable Object after) {
        var changes = new LinkedHashMap<Object, Object>();
        if (before instanceof Map<?, ?> old && after instanceof Map<?, ?> row) {
            old.forEach((column, was) -> {
                Object is = row.get(column);
                if (!Objects.equals(was, is) && !Placeholder.is(was) && !Placeholder.is(is)) {
                    changes.put(column, was);
                }
            });
        }
        return changes;
    }

    /** What Debezium's source block has of it, under the names of {@code change}; the block itself is there as well. */
    private static Map<String, Object> metadata(Map<?, ?> source) {
        var metadata = new LinkedHashMap<String, Object>();
        metadata.put("table_schema", source.get("schema"));
        metadata.put("table_name", source.get("table"));
        metadata.put("commit_timestamp", PlainTime.commit(source.get("ts_us"), source.get("ts_ms")));
        metadata.put("database_name", source.get("name"));
        var database = new LinkedHashMap<String, Object>();
        database.put("name", source.get("name"));
        database.put("database", source.get("db"));
        metadata.put("database", database);
        metadata.put("source", source);
        return metadata;
    }

    /** In the order that the broker writes. */
    Map<String, Object> tree() {
        var tree = new LinkedHashMap<String, Object>();
        tree.put("record", record);
        tree.put("changes", changes);
        tree.put("action", action);
        tree.put("metadata", metadata);
        return tree;
    }
}
