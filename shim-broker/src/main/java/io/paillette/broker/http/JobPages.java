package io.paillette.broker.http;

import io.paillette.broker.feed.RefusedException;
import io.paillette.broker.feed.RefusedException.Why;
import io.paillette.broker.job.Times;
import io.paillette.broker.job.Wish;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The pages of one kind of jobs: all of them, one, and what is wished of one.
 *
 * @param kind one of them is called so; the page of all has an s more
 */
record JobPages(String kind, Jobs jobs) {

    private static final int NEWEST = 1000;

    /** Jobs of one kind, each as JSON. */
    interface Jobs {

        List<Map<String, Object>> newest(int limit);

        /** @return with what only the page of one says */
        Optional<Map<String, Object>> find(long id);

        /** @return its number */
        long ask(Map<String, String> properties) throws RefusedException;

        void wish(long id, Wish wish) throws RefusedException;
    }

    ApiAnswer answer(ApiRequest request) throws RefusedException {
        request.requireQuery();
        return switch (request.path().size()) {
            case 1 ->
                switch (request.method()) {
                    case "GET" -> ApiAnswer.ok(Map.of(kind + "s", jobs.newest(NEWEST)));
                    case "POST" -> new ApiAnswer(ApiAnswer.CREATED, one(jobs.ask(request.properties())));
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
        jobs.wish(id, wish);
        return ApiAnswer.ok(one(id));
    }

    private long id(ApiRequest request) throws RefusedException {
        String text = request.path().get(1);
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new RefusedException(Why.UNKNOWN, "\"" + text + "\" is no number of a " + kind);
        }
    }

    private Map<String, Object> one(long id) throws RefusedException {
        return jobs.find(id).orElseThrow(() -> new RefusedException(Why.UNKNOWN, "there is no " + kind + " " + id));
    }

    static void put(Map<String, Object> page, Times times) {
        page.put("requestedAt", times.asked().toString());
        times.begun().ifPresent(at -> page.put("begunAt", at.toString()));
        times.ended().ifPresent(at -> page.put("endedAt", at.toString()));
        times.left().ifPresent(left -> page.put("secondsLeft", left.toSeconds()));
    }
}
