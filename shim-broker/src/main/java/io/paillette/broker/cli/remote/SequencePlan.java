package io.paillette.broker.cli.remote;

import io.paillette.broker.config.SequenceFile;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What has to be done so that a broker has the sequences of a file. */
record SequencePlan(List<Step> steps) {

    private static final String SOURCE = "source";

    enum Action {
        CREATE,
        CHANGE,
        KEEP,
        REMOVE
    }

    /**
     * Of one sequence.
     *
     * @param properties  all that are wanted of it
     * @param differences from what there is
     */
    record Step(String name, Action action, Map<String, String> properties, List<Difference> differences) {}

    /** @param now null: it is not said; {@code wanted} likewise */
    record Difference(String property, @Nullable String now, @Nullable String wanted) {}

    /**
     * What there is of a sequence.
     *
     * @param exported with its topic as that is now
     * @param defined  as it was given
     */
    record Present(Map<String, String> exported, Map<String, String> defined) {}

    /**
     * @param wanted properties by name
     * @param gone   which of those that there are shall be removed
     */
    static SequencePlan of(Map<String, Map<String, String>> wanted, Map<String, Present> present, List<String> gone) {
        var steps = new ArrayList<Step>();
        wanted.forEach((name, properties) -> steps.add(step(name, properties, present.get(name))));
        gone.forEach(name -> steps.add(new Step(name, Action.REMOVE, Map.of(), List.of())));
        return new SequencePlan(steps);
    }

    private static Step step(String name, Map<String, String> wanted, @Nullable Present present) {
        if (present == null) {
            return new Step(name, Action.CREATE, wanted, differences(Map.of(), wanted));
        }
        Map<String, String> now = present.exported();
        var complete = new LinkedHashMap<>(wanted);
        // A file for a broker of one source does not name it; nor does it what its topic is to stay.
        now.forEach((property, value) -> {
            if (property.equals(SOURCE) || SequenceFile.isOfTopic(property)) {
                complete.putIfAbsent(property, value);
            }
        });
        List<Difference> differences = differences(now, complete);
        return new Step(
                name, differences.isEmpty() ? Action.KEEP : Action.CHANGE, asDefined(complete, present), differences);
    }

    /** What its topic is already is said as before, or not: another sequence of that topic would have to say the same. */
    private static Map<String, String> asDefined(Map<String, String> complete, Present present) {
        var properties = new LinkedHashMap<>(complete);
        complete.forEach((property, value) -> {
            if (SequenceFile.isOfTopic(property)
                    && value.equals(present.exported().get(property))) {
                properties.remove(property);
            }
        });
        present.defined().forEach((property, value) -> {
            if (SequenceFile.isOfTopic(property)) {
                properties.putIfAbsent(property, value);
            }
        });
        return properties;
    }

    private static List<Difference> differences(Map<String, String> now, Map<String, String> wanted) {
        var names = new TreeSet<>(now.keySet());
        names.addAll(wanted.keySet());
        return names.stream()
                .filter(name -> !Objects.equals(now.get(name), wanted.get(name)))
                .map(name -> new Difference(name, now.get(name), wanted.get(name)))
                .toList();
    }

    boolean isDone() {
        return steps.stream().allMatch(step -> step.action() == Action.KEEP);
    }

    List<Step> of(Action... actions) {
        return steps.stream()
                .filter(step -> List.of(actions).contains(step.action()))
                .toList();
    }

    /** A line for each difference, and for each sequence without one. */
    List<List<@Nullable Object>> rows(boolean whole) {
        List<List<@Nullable Object>> rows = new ArrayList<>();
        for (Step step : steps) {
            if (step.differences().isEmpty()) {
                rows.add(row(step, null, null, null));
            }
            step.differences()
                    .forEach(one -> rows.add(row(
                            step,
                            one.property(),
                            whole ? one.now() : shortened(one.now()),
                            whole ? one.wanted() : shortened(one.wanted()))));
        }
        return rows;
    }

    private static @Nullable String shortened(@Nullable String value) {
        return value == null ? null : SequenceCommand.shortened(value);
    }

    private static List<@Nullable Object> row(
            Step step, @Nullable String property, @Nullable String now, @Nullable String wanted) {
        List<@Nullable Object> row = new ArrayList<>();
        row.add(step.name());
        row.add(step.action().name().toLowerCase(Locale.ROOT));
        row.add(property);
        row.add(now);
        row.add(wanted);
        return row;
    }
}
