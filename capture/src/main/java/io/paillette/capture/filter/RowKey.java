package io.paillette.capture.filter;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.paillette.capture.Relation;
import io.paillette.capture.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The key of a row's messages, as Postgres writes it.
 *
 * @param texts by column, in the key's order
 */
public record RowKey(List<String> texts) {

    public RowKey {
        texts = List.copyOf(texts);
    }

    /** Empty where no row can be found by it: there is none, or one of its columns is NULL or not in the WAL. */
    public static Optional<RowKey> of(Relation relation, @Nullable Tuple row) {
        if (row == null || relation.key().isEmpty()) {
            return Optional.empty();
        }
        List<String> texts = new ArrayList<>(relation.key().size());
        for (int column : relation.key()) {
            byte[] value = row.value(column);
            if (value == null || row.isUnchanged(column)) {
                return Optional.empty();
            }
            texts.add(new String(value, UTF_8));
        }
        return Optional.of(new RowKey(texts));
    }
}
