package io.paillette.broker.http;

import io.paillette.broker.feed.RefusedException;
import io.paillette.broker.feed.RefusedException.Why;
import io.paillette.broker.group.GroupOffsets.Readers;
import io.paillette.broker.rewind.Place;
import io.paillette.broker.rewind.Rewinds;
import io.paillette.broker.rewind.Rewinds.Rewound;
import io.paillette.broker.rewind.Rewinds.Share;
import io.paillette.broker.rewind.Rewinds.Wanted;
import io.paillette.broker.rewind.Rewinds.WantedPlace;
import io.paillette.broker.rewind.RowKey;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Groups that are moved to a place in a topic, as JSON. */
record RewindPages(Rewinds rewinds) {

    private static final Set<String> PROPERTIES =
            Set.of("topic", "to", "key", "where", "table", "change", "partition", "fence", "dryRun");

    ApiAnswer answer(ApiRequest request) throws RefusedException {
        request.requireQuery();
        if (!request.path().get(2).equals("rewind")) {
            throw Api.noPage(request);
        }
        if (!request.method().equals("POST")) {
            return ApiAnswer.onlyWith("POST");
        }
        Wanted wanted = wanted(request.path().get(1), request.properties());
        try {
            return ApiAnswer.ok(page(wanted, rewinds.rewind(wanted)));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RefusedException(Why.UNAVAILABLE, "the broker stops; ask again");
        }
    }

    private static Wanted wanted(String group, Map<String, String> properties) throws RefusedException {
        for (String key : properties.keySet()) {
            if (!PROPERTIES.contains(key)) {
                throw new RefusedException(
                        Why.INVALID,
                        "a rewind has no property \"" + key
                                + "\"; it has topic, one of to, key and where, table, change, partition, fence and dryRun");
            }
        }
        if (properties.getOrDefault("topic", "").isEmpty()) {
            throw new RefusedException(Why.INVALID, "say of which topic: a rewind needs \"topic\"");
        }
        return new Wanted(
                group,
                properties.getOrDefault("topic", ""),
                partition(properties),
                place(properties),
                isTrue(properties, "fence") ? Readers.LEAVE : Readers.STAY,
                isTrue(properties, "dryRun"));
    }

    private static WantedPlace place(Map<String, String> properties) throws RefusedException {
        long places =
                Stream.of("to", "key", "where").filter(properties::containsKey).count();
        if (places != 1) {
            throw new RefusedException(
                    Why.INVALID,
                    "say where: to with a place, key with the key of a row, or where with a condition that a row meets"
                            + (places == 0 ? "" : ", and only one of them"));
        }
        if (properties.containsKey("to")) {
            refuse(properties, "change", "to is a place already");
            refuse(properties, "table", "to is a place already");
            return new WantedPlace.At(Place.parse(properties.getOrDefault("to", "")));
        }
        long change = Place.change(properties.getOrDefault("change", "first"));
        if (properties.containsKey("key")) {
            refuse(properties, "table", "records with a key are looked for, whatever table they are of");
            return new WantedPlace.At(new Place.Row(RowKey.parse(properties.getOrDefault("key", "")), change));
        }
        return new WantedPlace.OfRowWhere(
                Optional.ofNullable(properties.get("table")), properties.getOrDefault("where", ""), change);
    }

    private static void refuse(Map<String, String> properties, String name, String why) throws RefusedException {
        if (properties.containsKey(name)) {
            throw new RefusedException(Why.INVALID, name + " says nothing here: " + why);
        }
    }

    private static Optional<Integer> partition(Map<String, String> properties) throws RefusedException {
        String text = properties.get("partition");
        try {
            return text == null ? Optional.empty() : Optional.of(Integer.valueOf(text));
        } catch (NumberFormatException e) {
            throw new RefusedException(Why.INVALID, "\"" + text + "\" is no number of a partition");
        }
    }

    private static boolean isTrue(Map<String, String> properties, String name) throws RefusedException {
        return switch (properties.getOrDefault(name, "false")) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new RefusedException(Why.INVALID, name + " has to be true or false");
        };
    }

    private static Map<String, Object> page(Wanted wanted, Rewound rewound) {
        var page = new LinkedHashMap<String, Object>();
        page.put("group", wanted.group());
        page.put("topic", wanted.topic());
        page.put("dryRun", wanted.isTried());
        page.put("fenced", rewound.fenced());
        page.put(
                "partitions",
                rewound.partitions().stream().map(RewindPages::page).toList());
        return page;
    }

    private static Map<String, Object> page(Share share) {
        var page = new LinkedHashMap<String, Object>();
        page.put("partition", share.partition());
        if (share.was() != null) {
            page.put("was", share.was());
        }
        page.put("offset", share.offset());
        page.put("endOffset", share.end());
        return page;
    }
}
