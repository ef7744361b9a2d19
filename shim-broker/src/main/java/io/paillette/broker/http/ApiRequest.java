package io.paillette.broker.http;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.paillette.broker.feed.RefusedException;
import io.paillette.broker.feed.RefusedException.Why;
import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What is asked of the API.
 *
 * @param path  below {@code /api/v1}
 * @param query by name
 * @param who   asks, for people
 */
record ApiRequest(String method, List<String> path, Map<String, String> query, InputStream body, String who) {

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    /** The body's properties: an object of texts, numbers and booleans, which are taken as a properties file has them. */
    Map<String, String> properties() throws RefusedException {
        var properties = new LinkedHashMap<String, String>();
        JsonNode object = object();
        for (Map.Entry<String, JsonNode> field : object.properties()) {
            if (!field.getValue().isValueNode() || field.getValue().isNull()) {
                throw new RefusedException(
                        Why.INVALID,
                        "\"" + field.getKey() + "\" is " + field.getValue()
                                + ": give a text, a number or a boolean, as the properties file has it");
            }
            String text = field.getValue().asText();
            if ((field.getKey() + text).indexOf('\0') >= 0) {
                throw new RefusedException(
                        Why.INVALID, "\"" + field.getKey() + "\" has a NUL character, which Postgres cannot keep");
            }
            properties.put(field.getKey(), text);
        }
        return properties;
    }

    private JsonNode object() throws RefusedException {
        try {
            JsonNode read = JSON.readTree(body);
            if (read != null && read.isObject()) {
                return read;
            }
        } catch (JacksonException e) {
            throw new RefusedException(Why.INVALID, "the body is no JSON: " + e.getOriginalMessage());
        } catch (IOException e) {
            throw new IllegalStateException("reading bytes cannot fail", e);
        }
        throw new RefusedException(
                Why.INVALID, "the body has to be a JSON object, as in {\"tables\": \"public.orders\"}");
    }

    void requireQuery(String... known) throws RefusedException {
        for (String name : query.keySet()) {
            if (!Set.of(known).contains(name)) {
                throw new RefusedException(
                        Why.INVALID,
                        "the page has no parameter \"" + name + "\""
                                + (known.length == 0 ? "" : "; it has " + String.join(", ", known)));
            }
        }
    }

    @Override
    public String toString() {
        return method + " /" + String.join("/", path);
    }
}
