package io.paillette.broker.http;

import io.paillette.broker.feed.AskedBackfill.Wish;
import io.paillette.broker.feed.BackfillStore;
import io.paillette.broker.feed.BackfillStore.KnownBackfill;
import io.paillette.broker.feed.RefusedException;
import io.paillette.broker.feed.RefusedException.Why;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Backfills as JSON.
 *
 * @param sources of this broker: where there is one alone it need not be named
 */
record BackfillPages(BackfillStore store, Supplier<List<String>> sources) {

    private static final int NEWEST = 1000;
    private static final Set<String> PROPERTIES = Set.of("source", "table", "where");

    ApiAnswer answer(ApiRequest request) throws RefusedException {
        request.requireQuery();
        return switch (request.path().size()) {
            case 1 ->
                switch (request.method()) {
                    case "GET" ->
                        ApiAnswer.ok(Map.of(
                                "backfills",
                                store.newest(NEWEST).stream()
                                        .map(BackfillPages::page)
                                        .toList()));
                    case "POST" -> new ApiAnswer(ApiAnswer.CREATED, ask(request.properties()));
                    default -> ApiAnswer.onlyWith("GET", "POST");
                };
            case 2 -> request.method().equals("GET") ? ApiAnswer.ok(one(id(request))) : ApiAnswer.onlyWith("GET");
            default -> wished(request);
        };
    }

    private ApiAnswer wished(ApiRequest request) throws RefusedException {
        Wish wish =
                switch (request.path().get(2)) {
                    case "pause" -> Wish.PAUSE;
                    case "resume" -> Wish.RUN;
                    case "cancel" -> Wish.CANCEL;
                    default -> throw Api.noPage(request);
                };
        if (!request.method().equals("POST")) {
            return ApiAnswer.onlyWith("POST");
        }
        long id = id(request);
        store.wish(id, wish);
        return ApiAnswer.ok(one(id));
    }

    private static long id(ApiRequest request) throws RefusedException {
        String text = request.path().get(1);
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new RefusedException(Why.UNKNOWN, "\"" + text + "\" is no number of a backfill");
        }
    }

    private Map<String, Object> one(long id) throws RefusedException {
        return page(store.find(id).orElseThrow(() -> new RefusedException(Why.UNKNOWN, "there is no backfill " + id)));
    }

    private Map<String, Object> ask(Map<String, String> properties) throws RefusedException {
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
        return one(store.ask(source, properties.getOrDefault("table", ""), properties.getOrDefault("where", "")));
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
        page.put("requestedAt", backfill.times().asked().toString());
        backfill.times().begun().ifPresent(at -> page.put("begunAt", at.toString()));
        backfill.times().ended().ifPresent(at -> page.put("endedAt", at.toString()));
        backfill.timeLeft().ifPresent(left -> page.put("secondsLeft", left.toSeconds()));
        return page;
    }
}
