package io.paillette.capture.filter;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a query has found for some rows.
 *
 * @param columns that are not of the key, in the query's order
 * @param found   by key: one JSON object, or a text of each column, null for NULL
 */
public record Enriched(List<String> columns, Map<RowKey, List<@Nullable String>> found) {

    public Enriched {
        columns = List.copyOf(columns);
        found = Map.copyOf(found);
    }

    /** Of {@link Enrichment.Form#JSON}; null: nothing was found. */
    public @Nullable String json(Optional<RowKey> key) {
        return of(key).get(0);
    }

    /** Of {@link Enrichment.Form#TEXTS}; where nothing was found each is null. */
    public List<@Nullable String> texts(Optional<RowKey> key) {
        return of(key);
    }

    private List<@Nullable String> of(Optional<RowKey> key) {
        List<@Nullable String> texts = key.map(found::get).orElse(null);
        return texts == null ? Collections.nCopies(columns.size(), null) : texts;
    }
}
