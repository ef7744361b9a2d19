package io.paillette.capture.stream;

import io.paillette.capture.Tuple;
import io.paillette.capture.snapshot.TableReader;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Rows by their keys, bounded in bytes: those that were put longest ago go first. */
final class SeenRows {

    private final long maxBytes;

    /** In the order in which they were put. */
    private final Map<Key, Tuple> rows = new LinkedHashMap<>();

    private long bytes;

    private record Key(SeenTable table, ByteBuffer text) {}

    SeenRows(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    long bytes() {
        return bytes;
    }

    /** Takes it out. */
    @Nullable
    Tuple take(SeenTable table, ByteBuffer text) {
        var key = new Key(table, text);
        Tuple row = rows.remove(key);
        if (row != null) {
            gone(key, row);
        }
        return row;
    }

    /** A row that alone is beyond the bound is not kept; of another with the same key none may be there. */
    void put(SeenTable table, ByteBuffer text, Tuple row) {
        var key = new Key(table, text);
        long size = size(key, row);
        if (size > maxBytes) {
            return;
        }
        rows.put(key, row);
        bytes += size;
        table.count(1);
        Iterator<Map.Entry<Key, Tuple>> eldest = rows.entrySet().iterator();
        while (bytes > maxBytes) {
            Map.Entry<Key, Tuple> evicted = eldest.next();
            gone(evicted.getKey(), evicted.getValue());
            eldest.remove();
        }
    }

    private void gone(Key key, Tuple row) {
        bytes -= size(key, row);
        key.table().count(-1);
    }

    private static long size(Key key, Tuple row) {
        return TableReader.ROW_OVERHEAD_BYTES
                + key.text().capacity()
                + (long) row.size() * TableReader.VALUE_OVERHEAD_BYTES
                + row.bytes();
    }
}
