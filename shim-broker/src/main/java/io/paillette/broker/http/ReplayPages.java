package io.paillette.broker.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.paillette.broker.feed.RefusedException;
import io.paillette.broker.feed.RefusedException.Why;
import io.paillette.broker.replay.ReplayStore.KnownReplay;
import io.paillette.broker.replay.ReplayStore.KnownShare;
import io.paillette.broker.replay.ReplayStore.Progress;
import io.paillette.broker.replay.ReplayStore.Wanted;
import io.paillette.broker.replay.ReplayStore.Wish;
import io.paillette.broker.replay.Replays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Replays as JSON. */
record ReplayPages(Replays replays) {

    private static final int NEWEST = 1000;
    private static final String HEADER = "header.";
    private static final Set<String> PROPERTIES = Set.of("topic", "where", "to", "from", "partition");
    private static final ObjectMapper JSON = new ObjectMapper();

    ApiAnswer answer(ApiRequest request) throws RefusedException {
        request.requireQuery();
        return switch (request.path().size()) {
            case 1 ->
                switch (request.method()) {
                    case "GET" ->
                        ApiAnswer.ok(Map.of(
                                "replays",
                                replays.store().newest(NEWEST).stream()
                                        .map(ReplayPages::page)
                                        .toList()));
                    case "POST" -> new ApiAnswer(ApiAnswer.CREATED, one(replays.ask(wanted(request.properties()))));
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
        replays.wish(id, wish);
        return ApiAnswer.ok(one(id));
    }

    private static long id(ApiRequest request) throws RefusedException {
        String text = request.path().get(1);
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new RefusedException(Why.UNKNOWN, "\"" + text + "\" is no number of a replay");
        }
    }

    private static Wanted wanted(Map<String, String> properties) throws RefusedException {
        var headers = new TreeMap<String, String>();
        for (Map.Entry<String, String> property : properties.entrySet()) {
            if (property.getKey().startsWith(HEADER)) {
                headers.put(property.getKey().substring(HEADER.length()), property.getValue());
            } else if (!PROPERTIES.contains(property.getKey())) {
                throw new RefusedException(
                        Why.INVALID,
                        "a replay has no property \"" + property.getKey()
                                + "\"; it has topic, where, to, from, partition, and header.NAME for each header to add");
            }
        }
        return new Wanted(
                required(properties, "topic"),
                properties.getOrDefault("where", ""),
                required(properties, "to"),
                properties.getOrDefault("from", "beginning"),
                partition(properties.get("partition")),
                write(headers));
    }

    private static String required(Map<String, String> properties, String name) throws RefusedException {
        String value = properties.getOrDefault(name, "");
        if (value.isEmpty()) {
            throw new RefusedException(
                    Why.INVALID, "a replay needs \"topic\", what to read, and \"to\", the topic to write");
        }
        return value;
    }

    private static @Nullable Integer partition(@Nullable String text) throws RefusedException {
        try {
            return text == null ? null : Integer.valueOf(text);
        } catch (NumberFormatException e) {
            throw new RefusedException(Why.INVALID, "\"" + text + "\" is no number of a partition");
        }
    }

    private static String write(Map<String, String> headers) {
        try {
            return JSON.writeValueAsString(headers);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("texts are always JSON", e);
        }
    }

    private Map<String, Object> one(long id) throws RefusedException {
        Map<String, Object> page = page(replays.store()
                .find(id)
                .orElseThrow(() -> new RefusedException(Why.UNKNOWN, "there is no replay " + id)));
        List<Map<String, Object>> partitions =
                replays.store().shares(id).stream().map(ReplayPages::share).toList();
        page.put("partitions", partitions);
        return page;
    }

    private static Map<String, Object> share(KnownShare share) {
        var page = new LinkedHashMap<String, Object>();
        page.put("partition", share.partition());
        page.put("firstOffset", share.first());
        page.put("nextOffset", share.next());
        page.put("endOffset", share.end());
        page.put("records", share.records());
        page.put("published", share.published());
        page.put("gone", share.gone());
        return page;
    }

    private static Map<String, Object> page(KnownReplay replay) {
        var page = new LinkedHashMap<String, Object>();
        page.put("id", replay.id());
        page.put("topic", replay.wanted().topic());
        page.put("where", replay.wanted().condition());
        page.put("to", replay.wanted().to());
        page.put("from", replay.wanted().from());
        page.put("headers", headers(replay.wanted().headersJson()));
        page.put("state", replay.state());
        page.put("fault", replay.fault());
        Progress progress = replay.progress();
        page.put("offsets", progress.offsets());
        page.put("allOffsets", progress.allOffsets());
        page.put("records", progress.records());
        page.put("published", progress.published());
        page.put("gone", progress.gone());
        page.put("requestedAt", replay.times().asked().toString());
        replay.times().begun().ifPresent(at -> page.put("begunAt", at.toString()));
        replay.times().ended().ifPresent(at -> page.put("endedAt", at.toString()));
        replay.timeLeft().ifPresent(left -> page.put("secondsLeft", left.toSeconds()));
        return page;
    }

    private static Object headers(String json) {
        try {
            return JSON.readTree(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("jsonb is always JSON", e);
        }
    }
}
