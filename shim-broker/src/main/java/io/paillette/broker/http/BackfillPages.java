package io.paillette.broker.http;

import io.paillette.broker.feed.BackfillStore;
import io.paillette.broker.feed.BackfillStore.KnownBackfill;
import io.paillette.broker.feed.RefusedException;
import io.paillette.broker.feed.RefusedException.Why;
import io.paillette.broker.feed.SequenceReaders;
import io.paillette.broker.feed.Sequences;
import io.paillette.broker.job.Wish;
import io.paillette.capture.TableName;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Backfills as JSON. */
record BackfillPages(BackfillStore store, Sequences sequences) implements JobPages.Jobs {

    private static final Set<String> PROPERTIES = Set.of("source", "table", "where", "sequence");

    @Override
    public List<Map<String, Object>> newest(int limit) {
        return store.newest(limit).stream().map(BackfillPages::page).toList();
    }

    @Override
    public Optional<Map<String, Object>> find(long id) {
        return store.find(id).map(BackfillPages::page);
    }

    @Override
    public void wish(long id, Wish wish) throws RefusedException {
        store.wish(id, wish);
    }

    @Override
    public long ask(Map<String, String> properties) throws RefusedException {
        for (String key : properties.keySet()) {
            if (!PROPERTIES.contains(key)) {
                throw new RefusedException(
                        Why.INVALID,
                        "a backfill has no property \"" + key + "\"; it has source, table, where and sequence");
            }
        }
        String table = properties.getOrDefault("table", "");
        String where = properties.getOrDefault("where", "");
        String sequence = properties.getOrDefault("sequence", "");
        if (sequence.isEmpty()) {
            return store.ask(source(properties, Optional.empty()), table, where, "");
        }
        SequenceReaders readers = sequences.readers();
        String source = source(properties, readers.source(sequence));
        int dot = table.indexOf('.'); // the store refuses one without a schema
        Optional<String> whyNot = readers.whyNot(
                sequence, source, new TableName(table.substring(0, Math.max(dot, 0)), table.substring(dot + 1)));
        if (dot > 0 && whyNot.isPresent()) {
            throw new RefusedException(Why.INVALID, whyNot.get());
        }
        return store.ask(source, table, where, sequence);
    }

    private String source(Map<String, String> properties, Optional<String> ofSequence) throws RefusedException {
        List<String> own = sequences.sources();
        String source = properties.getOrDefault("source", ofSequence.orElse(own.size() == 1 ? own.get(0) : ""));
        if (source.isEmpty()) {
            throw new RefusedException(
                    Why.INVALID,
                    "say of which source: this broker has " + (own.isEmpty() ? "none" : String.join(", ", own)));
        }
        return source;
    }

    private static Map<String, Object> page(KnownBackfill backfill) {
        var page = new LinkedHashMap<String, Object>();
        page.put("id", backfill.id());
        page.put("source", backfill.source());
        page.put("table", backfill.table());
        page.put("where", backfill.condition());
        page.put("sequence", backfill.sequence());
        page.put("state", backfill.report().state().name());
        page.put("fault", backfill.report().fault());
        page.put("rows", backfill.report().rows());
        page.put("estimatedRows", backfill.report().estimatedRows());
        page.put("bytes", backfill.report().bytes());
        JobPages.put(page, backfill.times());
        return page;
    }
}
