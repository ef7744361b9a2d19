package io.paillette.broker.feed;

import io.paillette.broker.feed.Addressed.Refusal;
import io.paillette.broker.feed.FeedRules.FunctionFile;
import io.paillette.broker.feed.FeedRules.SequenceRule;
import io.paillette.capture.CaptureException;
import io.paillette.capture.envelope.ChangeRecord;
import io.paillette.function.FunctionException;
import io.paillette.function.Functions;
import io.paillette.function.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Calls the functions of a source's sequences. Of a source without any it loads nothing. For one thread. */
final class SequenceFunctions implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(SequenceFunctions.class);

    private final FeedRules rules;
    private final Map<String, Functions> compiled = new ConcurrentHashMap<>(); // by name of the sequence
    private volatile boolean closing;

    SequenceFunctions(FeedRules rules) {
        this.rules = rules;
    }

    /**
     * Before the first change comes.
     *
     * @return by the sequences whose file is none: each says where
     */
    List<Refusal> compile() {
        var refused = new ArrayList<Refusal>();
        for (SequenceRule rule : rules.sequences()) {
            if (rule.processing().functions().isPresent() && !compiled.containsKey(rule.name())) {
                try {
                    compiled.put(
                            rule.name(),
                            compile(rule, rule.processing().functions().get()));
                } catch (CaptureException e) {
                    refused.add(new Refusal(rule, e));
                }
            }
        }
        return refused;
    }

    private static Functions compile(SequenceRule rule, FunctionFile file) throws CaptureException {
        try {
            return Functions.compile(
                    file.name(),
                    file.content(),
                    Functions.LIMIT,
                    line -> log.info("sequence.{}.functions: {}", rule.name(), line));
        } catch (FunctionException e) {
            throw new CaptureException(option(rule) + " cannot be called: " + e.getMessage(), false, e);
        }
    }

    /** @throws CaptureException naming the sequence, the change and what the language said */
    Outcome call(SequenceRule rule, ChangeRecord change, byte[] value) throws CaptureException {
        if (closing) {
            throw interrupted(rule, null);
        }
        try {
            return Objects.requireNonNull(compiled.get(rule.name())).call(value);
        } catch (FunctionException e) {
            if (closing) {
                throw interrupted(rule, e);
            }
            throw failed(rule, change, String.valueOf(e.getMessage()), e);
        }
    }

    /** From any thread: a call that is under way ends soon, as a fault that passes, and so does each later one. */
    void cancel() {
        closing = true;
        compiled.values().forEach(Functions::interrupt);
    }

    private static CaptureException interrupted(SequenceRule rule, @Nullable Throwable cause) {
        return new CaptureException(option(rule) + " is not called any more", true, cause);
    }

    /** What to say of a change that cannot be told as the functions want it. */
    static CaptureException failed(SequenceRule rule, ChangeRecord change, String what, @Nullable Throwable cause) {
        return ChangeFailure.of(option(rule), change, what, cause);
    }

    private static String option(SequenceRule rule) {
        return "sequence." + rule.name() + ".functions";
    }

    @Override
    public void close() {
        compiled.values().forEach(Functions::close);
        compiled.clear();
    }
}
