package io.paillette.broker.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.paillette.broker.feed.RefusedException;
import io.paillette.broker.feed.RefusedException.Why;
import io.paillette.broker.job.Wish;
import io.paillette.broker.replay.ReplayStore.KnownReplay;
import io.paillette.broker.replay.ReplayStore.KnownShare;
import io.paillette.broker.replay.ReplayStore.Progress;
import io.paillette.broker.replay.ReplayStore.Wanted;
import io.paillette.broker.replay.Replays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Replays as JSON. */
record ReplayPages(Replays replays) implements JobPages.Jobs {

    private static final String HEADER = "header.";
    private static final Set<String> PROPERTIES = Set.of("topic", "where", "to", "from", "partition");
    private static final ObjectMapper JSON = new ObjectMapper();

    @Override
    public List<Map<String, Object>> newest(int limit) {
        return replays.store().newest(limit).stream().map(ReplayPages::page).toList();
    }

    @Override
    public long ask(Map<String, String> properties) throws RefusedException {
        return replays.ask(wanted(properties));
    }

    @Override
    public void wish(long id, Wish wish) throws RefusedException {
        replays.wish(id, wish);
    }

    @Override
    public Optional<Map<String, Object>> find(long id) {
        return replays.store().find(id).map(replay -> {
            Map<String, Object> page = page(replay);
            page.put(
                    "partitions",
                    replays.store().shares(id).stream().map(ReplayPages::share).toList());
            return page;
        });
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
        JobPages.put(page, replay.times());
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
