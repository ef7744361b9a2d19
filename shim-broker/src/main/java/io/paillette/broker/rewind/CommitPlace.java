package io.paillette.broker.rewind;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a record of a sequence says of where in the WAL its transaction was committed: at an LSN, or only between two. Envelopes say
 * different things, and none is asked to say more for the sake of a rewind.
 *
 * @param transaction that records of one have in common, and those of the next have not
 * @param after       it was committed after that, which is where the one before it ends; empty where the envelope does not say
 * @param row         LSN of the row, which is before the commit; of a row that was read, where it was
 * @param commit      empty where the record does not say
 */
record CommitPlace(String transaction, OptionalLong after, long row, OptionalLong commit) {

    /** As transaction metadata names one. */
    private static final Pattern METADATA = Pattern.compile("\\d+:(\\d+)");
    /** The end of the one before, and the row. */
    private static final Pattern SEQUENCE = Pattern.compile("\\[(?:null|\"(\\d+)\"),.*");

    /** Whether it was certainly committed at an LSN or later. */
    boolean isFrom(long lsn) {
        return commit.isPresent() ? commit.getAsLong() >= lsn : row >= lsn || after.orElse(-1) >= lsn;
    }

    /** Empty for a tombstone, and for what no sequence has written. */
    static Optional<CommitPlace> of(TopicRecord record) {
        JsonNode value = RecordObject.of(record.value());
        if (value == null) {
            return Optional.empty();
        }
        JsonNode debezium = value.path("source").path("lsn");
        if (debezium.isIntegralNumber()) {
            return Optional.of(ofDebezium(value, debezium.asLong()));
        }
        JsonNode commit = value.path("metadata").path("commit_lsn");
        if (commit.isIntegralNumber()) {
            return Optional.of(certain(commit.asLong()));
        }
        Matcher text = Place.LSN.matcher(value.path("lsn").asText());
        boolean isWal2Json = value.path("action").asText().length() == 1 && value.has("schema");
        return isWal2Json && text.matches()
                ? Optional.of(new CommitPlace(
                        value.path("xid").asText(), OptionalLong.empty(), Place.lsn(text), OptionalLong.empty()))
                : Optional.empty();
    }

    private static CommitPlace ofDebezium(JsonNode value, long row) {
        JsonNode source = value.path("source");
        if (source.path("txId").isNull()) {
            return certain(row); // it was read, and is of no transaction
        }
        Matcher metadata = METADATA.matcher(value.path("transaction").path("id").asText());
        if (metadata.matches()) {
            return certain(Long.parseLong(metadata.group(1)));
        }
        Matcher sequence = SEQUENCE.matcher(source.path("sequence").asText());
        OptionalLong after = sequence.matches()
                ? OptionalLong.of(sequence.group(1) == null ? 0 : Long.parseLong(sequence.group(1)))
                : OptionalLong.empty();
        return new CommitPlace(source.path("txId").asText(), after, row, OptionalLong.empty());
    }

    private static CommitPlace certain(long commit) {
        return new CommitPlace("", OptionalLong.empty(), commit, OptionalLong.of(commit));
    }
}
