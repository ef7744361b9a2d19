package io.paillette.broker.feed;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.paillette.broker.feed.Addressed.Destination;
import io.paillette.broker.feed.Addressed.Verdict;
import io.paillette.capture.envelope.ChangeRecord;
import io.paillette.capture.envelope.KeyLink;
import io.paillette.capture.envelope.ValueJson;
import io.paillette.capture.filter.Enriched;
import io.paillette.capture.filter.Enrichment;
import io.paillette.capture.filter.RowKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.jspecify.annotations.Nullable;

/** The headers that a change's record has by itself, before functions and transformations. */
final class ChangeHeaders {

    private static final Header[] NONE = {};

    /** Of a record whose sequence has a condition that reads what the WAL does not carry. */
    private static final Header UNKNOWN = header("paillette.where", "unknown");

    private ChangeHeaders() {}

    /** What is chosen for it, with the headers that are of its sequence. */
    static Chosen beside(Destination to, ChangeRecord change) {
        return to.chosen(change.op()).with(ofSequence(to, change));
    }

    private static List<Header> ofSequence(Destination to, ChangeRecord change) {
        boolean unknown = to.verdict() == Verdict.UNKNOWN;
        Optional<Enriched> found = to.enriched()
                .filter(enriched -> to.route().enrichment().orElseThrow().form() == Enrichment.Form.TEXTS);
        if (found.isEmpty()) {
            return unknown ? List.of(UNKNOWN) : List.of();
        }
        List<Header> headers = new ArrayList<>();
        if (unknown) {
            headers.add(UNKNOWN);
        }
        List<String> columns = found.get().columns();
        List<@Nullable String> texts = found.get().texts(RowKey.of(change.relation(), change.key()));
        for (int i = 0; i < columns.size(); i++) {
            headers.add(header(columns.get(i), texts.get(i)));
        }
        return headers;
    }

    /** A link to a changed key is of the table's own key, so it goes with that alone. */
    static Header[] all(ValueJson writer, ChangeRecord change, Chosen beside) {
        KeyLink link = change.link();
        if (link == null || beside.key().isPresent()) {
            return beside.headers().isEmpty() ? NONE : beside.headers().toArray(NONE);
        }
        List<Header> headers = new ArrayList<>();
        headers.add(new RecordHeader(link.header(), writer.link(change, link)));
        headers.addAll(beside.headers());
        return headers.toArray(NONE);
    }

    static Header header(String name, @Nullable String text) {
        return new RecordHeader(name, text == null ? null : text.getBytes(UTF_8));
    }
}
