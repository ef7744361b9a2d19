package io.paillette.broker.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;

/** Numbers that others count anyway, read when somebody asks: a metric costs nothing until then. */
public final class Metrics implements AutoCloseable {

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final List<Labelled> labelled = new CopyOnWriteArrayList<>();
    private final Set<String> known = ConcurrentHashMap.newKeySet();

    /** The registry holds what it reads weakly. */
    private final List<DoubleSupplier> held = new CopyOnWriteArrayList<>();

    private record Labelled(Metric metric, Supplier<Map<String, Double>> values) {}

    /** A metric of one value. */
    public void add(Metric metric, DoubleSupplier value) {
        register(metric, "", value);
    }

    /** A metric of one value for each label that the map has now; more may come later. */
    public void add(Metric metric, Supplier<Map<String, Double>> values) {
        labelled.add(new Labelled(metric, values));
    }

    /** In Prometheus' text format, version 0.0.4. */
    public String scrape() {
        for (Labelled one : labelled) {
            for (String label : one.values().get().keySet()) {
                if (known.add(one.metric() + "/" + label)) {
                    register(one.metric(), label, () -> one.values().get().getOrDefault(label, Double.NaN));
                }
            }
        }
        return registry.scrape();
    }

    private void register(Metric metric, String label, DoubleSupplier value) {
        held.add(value);
        Tags tags = metric.label().isEmpty() ? Tags.empty() : Tags.of(metric.label(), label);
        switch (metric.kind()) {
            case COUNTER ->
                FunctionCounter.builder(metric.key(), value, DoubleSupplier::getAsDouble)
                        .tags(tags)
                        .description(metric.doc())
                        .register(registry);
            case GAUGE ->
                Gauge.builder(metric.key(), value, DoubleSupplier::getAsDouble)
                        .tags(tags)
                        .description(metric.doc())
                        .register(registry);
        }
    }

    @Override
    public void close() {
        registry.close();
    }
}
