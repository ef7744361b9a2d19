package io.paillette.broker.http;

import io.paillette.broker.feed.BackfillStore;
import io.paillette.broker.feed.BackfillStore.KnownBackfill;
import io.paillette.broker.feed.RefusedException;
import io.paillette.broker.feed.RefusedException.Why;
import io.paillette.broker.job.Wish;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Backfills as JSON.
 *
 * @param sources of this broker: where there is one alone it need not be named
 */
record BackfillPages(BackfillStore store, Supplier<List<String>> sources) implements JobPages.Jobs {

    private static final Set<String> PROPERTIES = Set.of("source", "table", "where");

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
                        Why.INVALID, "a backfill has no property \"" + key + "\"; it has source, table and where");
            }
        }
        List<String> own = sources.get();
        String source = properties.getOrDefault("source", own.size() == 1 ? own.get(0) : "");
        if (source.isEmpty()) {
            throw new RefusedException(
                    Why.INVALID,
                    "say of which source: this broker has " + (own.isEmpty() ? "none" : String.join(", ", own)));
        }
        return store.ask(source, properties.getOrDefault("table", ""), properties.getOrDefault("where", ""));
    }

    private static Map<String, Object> page(KnownBackfill backfill) {
        var page = new LinkedHashMap<String, Object>();
        page.put("id", backfill.id());
        page.put("source", backfill.source());
        page.put("table", backfill.table());
        page.put("where", backfill.condition());
        page.put("state", backfill.report().state().name());
        page.put("fault", backfill.report().fault());
        page.put("rows", backfill.report().rows());
        page.put("estimatedRows", backfill.report().estimatedRows());
        page.put("bytes", backfill.report().bytes());
        JobPages.put(page, backfill.times());
        return page;
    }
}
