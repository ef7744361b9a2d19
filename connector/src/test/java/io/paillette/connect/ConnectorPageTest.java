package io.paillette.connect;

import io.paillette.capture.column.ColumnOption;
import io.paillette.connect.metrics.Meaning;
import io.paillette.connect.metrics.SnapshotMXBean;
import io.paillette.connect.metrics.SourceMXBean;
import io.paillette.connect.metrics.StreamingMXBean;
import java.io.IOException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.kafka.common.config.ConfigDef;
import org.junit.jupiter.api.Test;

/** What docs/connector.md says of options and metrics is what the code says. */
final class ConnectorPageTest {

    private static final String PAGE = "docs/connector.md";

    @Test
    void theOptionsAreThoseOfTheDefinition() throws IOException {
        new DocsPart(PAGE, "options", "ConnectorPageTest").requireIs(options());
    }

    @Test
    void theMetricsAreThoseOfTheBeans() throws IOException {
        new DocsPart(PAGE, "metrics", "ConnectorPageTest").requireIs(metrics());
    }

    private static String metrics() {
        var text = new StringBuilder();
        bean(text, "paillette.connect:type=source,server=<topic.prefix>", SourceMXBean.class);
        bean(
                text,
                "debezium.postgres:type=connector-metrics,context=streaming,server=<topic.prefix>",
                StreamingMXBean.class);
        bean(
                text,
                "debezium.postgres:type=connector-metrics,context=snapshot,server=<topic.prefix>",
                SnapshotMXBean.class);
        return text.toString();
    }

    private static void bean(StringBuilder text, String name, Class<?> bean) {
        text.append(text.isEmpty() ? "" : "\n")
                .append("`")
                .append(name)
                .append("`\n\n| attribute | meaning |\n|---|---|\n");
        Arrays.stream(bean.getMethods())
                .sorted(Comparator.comparing(ConnectorPageTest::attribute))
                .forEach(method -> text.append("| `%s` | %s |\n"
                        .formatted(
                                attribute(method),
                                cell(method.getAnnotation(Meaning.class).value()))));
    }

    private static String attribute(Method method) {
        return method.getName().replaceFirst("^(get|is)", "");
    }

    private static String options() {
        Map<String, List<ConfigDef.ConfigKey>> groups = new LinkedHashMap<>();
        for (ConfigDef.ConfigKey key : ConnectorOption.definition().configKeys().values()) {
            groups.computeIfAbsent(key.group, group -> new ArrayList<>()).add(key);
        }
        var text = new StringBuilder();
        groups.forEach((group, keys) -> {
            text.append(text.isEmpty() ? "" : "\n").append("### ").append(group).append("\n\n");
            text.append("| option | type | default | what it does |\n|---|---|---|---|\n");
            keys.forEach(key -> text.append("| `%s` | %s | %s | %s |\n"
                    .formatted(
                            key.name,
                            key.type.name().toLowerCase(Locale.ROOT),
                            defaultOf(key),
                            cell(key.documentation))));
        });
        text.append("\n### Masks\n\n| option | what it does |\n|---|---|\n");
        for (ColumnOption mask : ColumnOption.values()) {
            text.append("| `%s` | %s |\n".formatted(mask.form(), cell(mask.doc())));
        }
        return text.toString();
    }

    private static String defaultOf(ConfigDef.ConfigKey key) {
        if (!key.hasDefault()) {
            return "must be given";
        }
        Object value = key.defaultValue instanceof List<?> list
                ? String.join(",", list.stream().map(String::valueOf).toList())
                : key.type == ConfigDef.Type.PASSWORD ? "" : String.valueOf(key.defaultValue);
        return value.toString().isEmpty() ? "" : "`" + cell(value.toString()) + "`";
    }

    private static String cell(String text) {
        return text.replace("|", "\\|").replace("<", "&lt;").replace(">", "&gt;");
    }
}
