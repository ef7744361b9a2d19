package io.paillette.capture.stream;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.paillette.capture.TransactionInfo;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What an application writes down beside its changes: a logical message of its transaction, whose content goes with each
 * change that follows, until the next one or the transaction's end. They are read anew after a restart, as the server sends the
 * transaction again from its beginning. Source: Sequin's documentation, "Transaction Annotations", whose prefix does too.
 */
final class Annotations {

    private static final Logger LOG = LoggerFactory.getLogger(Annotations.class);

    private static final Set<String> SET =
            Set.of("paillette:transaction_annotations.set", "sequin:transaction_annotations.set");
    private static final Set<String> CLEAR =
            Set.of("paillette:transaction_annotations.clear", "sequin:transaction_annotations.clear");

    private final JsonFactory json = new JsonFactory();

    /** Somebody was told already: who writes one wrong does so in every transaction. */
    private boolean warned;

    /** Of the next change, which keeps them in memory. */
    private long bytes;

    /** Each change that follows has them: what is longer would make of a small transaction a large one. */
    private static final int MOST_BYTES = 64 << 10;

    /** The transaction as it goes on after one of its messages. */
    TransactionInfo after(TransactionInfo transaction, String prefix, byte[] content) {
        if (SET.contains(prefix)) {
            bytes = Math.min(content.length, MOST_BYTES);
            return transaction.annotated(
                    Optional.of(content.length > MOST_BYTES ? tooLong(prefix, content.length) : json(prefix, content)));
        }
        return CLEAR.contains(prefix) ? transaction.annotated(Optional.empty()) : transaction;
    }

    /** A message of no transaction can annotate none. */
    void apart(String prefix) {
        if (SET.contains(prefix)) {
            warn(
                    "A message {} annotates nothing, as it is not part of its transaction: call pg_logical_emit_message(true, ...)",
                    prefix);
        }
    }

    /** Those that the next change keeps in memory, counted once. */
    long takeBytes() {
        long taken = bytes;
        bytes = 0;
        return taken;
    }

    private String tooLong(String prefix, int length) {
        warn(
                "The content of a message {} is longer than " + MOST_BYTES + " bytes, and is left out of the changes",
                prefix);
        return "\"left out: " + length + " bytes, where " + MOST_BYTES + " are the most\"";
    }

    /** What is no JSON is told as the string that it is: it cannot be mended in the WAL, and must not stop the source. */
    private String json(String prefix, byte[] content) {
        String text = new String(content, UTF_8);
        if (isJson(text)) {
            return text;
        }
        warn("The content of a message {} is not JSON, and is told as a string: make it an object", prefix);
        return "\"" + new String(JsonStringEncoder.getInstance().quoteAsString(text)) + "\"";
    }

    private boolean isJson(String text) {
        try (var parser = json.createParser(text)) {
            if (parser.nextToken() == null) {
                return false;
            }
            parser.skipChildren();
            return parser.nextToken() == null;
        } catch (JsonProcessingException e) {
            LOG.debug("annotations that are not JSON", e);
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException("a String cannot be read", e);
        }
    }

    private void warn(String sentence, String prefix) {
        if (!warned) {
            LOG.warn(sentence + " (told once)", prefix);
        }
        warned = true;
    }
}
