package io.paillette.broker.http;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How the broker is now.
 *
 * @param problems what keeps it from serving, one sentence each; empty when it is healthy
 * @param warnings what a person should look at before it becomes a problem, one sentence each
 * @param details  everything else, by name: maps, lists, texts and numbers
 */
public record Status(List<String> problems, List<String> warnings, Map<String, ?> details) {

    public Status {
        problems = List.copyOf(problems);
        warnings = List.copyOf(warnings);
        details = Collections.unmodifiableMap(new LinkedHashMap<>(details));
    }

    boolean healthy() {
        return problems.isEmpty();
    }
}
