package io.paillette.broker.feed;

import io.paillette.broker.feed.Addressed.Refusal;
import io.paillette.broker.feed.FeedRules.SequenceRule;
import io.paillette.broker.smt.ChainException;
import io.paillette.broker.smt.ChainSettings;
import io.paillette.broker.smt.Plugins;
import io.paillette.broker.smt.RecordChain;
import io.paillette.capture.CaptureException;
import io.paillette.capture.envelope.ChangeRecord;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/** The transformations and converters of a source's sequences. Of a source without any it loads nothing. For one thread. */
final class SequenceChains implements AutoCloseable {

    private final FeedRules rules;
    private final Plugins plugins;
    private final Map<String, SequenceChain> made = new HashMap<>(); // by name of the sequence

    SequenceChains(FeedRules rules, Plugins plugins) {
        this.rules = rules;
        this.plugins = plugins;
    }

    /**
     * Before the first change comes.
     *
     * @return by the sequences that have none as they are defined: each names the option that is wrong
     */
    List<Refusal> make() {
        var refused = new ArrayList<Refusal>();
        for (SequenceRule rule : rules.sequences()) {
            Optional<ChainSettings> chain = rule.processing().chain();
            if (chain.isPresent() && !made.containsKey(rule.name())) {
                try {
                    made.put(rule.name(), make(rule, chain.get()));
                } catch (CaptureException e) {
                    refused.add(new Refusal(rule, e));
                }
            }
        }
        return refused;
    }

    private SequenceChain make(SequenceRule rule, ChainSettings settings) throws CaptureException {
        try {
            return new SequenceChain(rules, rule, RecordChain.of(settings, plugins));
        } catch (ChainException e) {
            throw new CaptureException(String.valueOf(e.getMessage()), false, e);
        }
    }

    /**
     * Empty: a transformation has dropped it.
     *
     * @throws CaptureException naming the transformation or converter, the change and what it said
     */
    Optional<ProducerRecord<byte[], byte[]>> call(SequenceRule rule, ChangeRecord change, List<Header> beside)
            throws CaptureException {
        try {
            return Objects.requireNonNull(made.get(rule.name())).call(change, beside);
        } catch (ChainException e) {
            throw failed(rule, e.option(), change, String.valueOf(e.getMessage()), e);
        }
    }

    private static CaptureException failed(
            SequenceRule rule, String option, ChangeRecord change, String what, @Nullable Throwable cause) {
        return ChangeFailure.of("sequence." + rule.name() + "." + option, change, what, cause);
    }

    @Override
    public void close() {
        made.values().forEach(SequenceChain::close);
        made.clear();
    }
}
