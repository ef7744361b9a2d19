package io.paillette.broker.http;

import io.paillette.broker.feed.BackfillStore;
import io.paillette.broker.feed.RefusedException;
import io.paillette.broker.feed.RefusedException.Why;
import io.paillette.broker.feed.SequenceDefinition;
import io.paillette.broker.feed.Sequences;
import io.paillette.broker.replay.Replays;
import io.paillette.broker.rewind.Rewinds;
import java.util.Map;

/** The pages below {@code /api/v1}. */
final class Api {

    static final String SEQUENCES = "sequences";

    private final SequencePages sequences;
    private final JobPages backfills;
    private final JobPages replays;
    private final RewindPages rewinds;

    Api(Sequences sequences, BackfillStore backfills, Replays replays, Rewinds rewinds) {
        this.sequences = new SequencePages(sequences);
        this.backfills = new JobPages("backfill", new BackfillPages(backfills, sequences));
        this.replays = new JobPages("replay", new ReplayPages(replays));
        this.rewinds = new RewindPages(rewinds);
    }

    ApiAnswer answer(ApiRequest request) throws RefusedException {
        int parts = request.path().size();
        String first = parts == 0 ? "" : request.path().get(0);
        return switch (first + "/" + parts) {
            case "config/1" -> config(request);
            case SEQUENCES + "/1" -> all(request);
            case SEQUENCES + "/2" -> one(request, request.path().get(1));
            case SEQUENCES + "/3" ->
                asked(request, request.path().get(1), request.path().get(2));
            case "backfills/1", "backfills/2", "backfills/3" -> backfills.answer(request);
            case "replays/1", "replays/2", "replays/3" -> replays.answer(request);
            case "groups/3" -> rewinds.answer(request);
            default -> throw noPage(request);
        };
    }

    static RefusedException noPage(ApiRequest request) {
        return new RefusedException(
                Why.UNKNOWN,
                "no page /api/v1/" + String.join("/", request.path())
                        + "; there are sequences, sequences/NAME, sequences/NAME/validate and resume, config, backfills, backfills/ID and"
                        + " backfills/ID/pause, resume and cancel, the same of replays, and groups/GROUP/rewind");
    }

    private ApiAnswer config(ApiRequest request) throws RefusedException {
        request.requireQuery();
        return request.method().equals("GET") ? ApiAnswer.ok(sequences.file()) : ApiAnswer.onlyWith("GET");
    }

    private ApiAnswer all(ApiRequest request) throws RefusedException {
        request.requireQuery();
        return request.method().equals("GET")
                ? ApiAnswer.ok(Map.of(SEQUENCES, sequences.all()))
                : ApiAnswer.onlyWith("GET");
    }

    private ApiAnswer one(ApiRequest request, String name) throws RefusedException {
        return switch (request.method()) {
            case "GET" -> {
                request.requireQuery();
                yield ApiAnswer.ok(sequences.one(name));
            }
            case "PUT" -> {
                request.requireQuery();
                yield sequences.put(name, request);
            }
            case "DELETE" -> {
                request.requireQuery("topic");
                yield sequences.delete(name, removal(request), request.who());
            }
            default -> ApiAnswer.onlyWith("GET", "PUT", "DELETE");
        };
    }

    private static SequenceDefinition.Removal removal(ApiRequest request) throws RefusedException {
        return switch (request.query().getOrDefault("topic", "keep")) {
            case "keep" -> SequenceDefinition.Removal.KEEP_TOPIC;
            case "delete" -> SequenceDefinition.Removal.DELETE_TOPIC;
            default -> throw new RefusedException(Why.INVALID, "topic has to be keep or delete");
        };
    }

    private ApiAnswer asked(ApiRequest request, String name, String what) throws RefusedException {
        if (!what.equals("validate") && !what.equals("resume")) {
            throw noPage(request);
        }
        request.requireQuery();
        if (!request.method().equals("POST")) {
            return ApiAnswer.onlyWith("POST");
        }
        if (what.equals("resume")) {
            return sequences.resume(name);
        }
        sequences.validate(name, request);
        return ApiAnswer.ok(Map.of("valid", true));
    }
}
