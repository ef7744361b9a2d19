package io.paillette.connect;

import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.ConfigDef;

/** What a form that is made from the definition offers: the values that there are, and no option that another one stands for. */
record Recommendation(List<Object> values, boolean shownWithUrl) implements ConfigDef.Recommender {

    /** For an option that database.url stands for where that is given. */
    static final Recommendation WITHOUT_URL = new Recommendation(List.of(), false);

    static Recommendation of(List<String> values) {
        return new Recommendation(List.copyOf(values), true);
    }

    @Override
    public List<Object> validValues(String name, Map<String, Object> parsedConfig) {
        return values;
    }

    @Override
    public boolean visible(String name, Map<String, Object> parsedConfig) {
        return shownWithUrl
                || parsedConfig.get(ConnectorOption.URL.key()) == null
                || parsedConfig.get(ConnectorOption.URL.key()).toString().isBlank();
    }
}
