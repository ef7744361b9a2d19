package io.paillette.capture;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.paillette.capture.type.ColumnType;
import io.paillette.capture.type.Form;
import io.paillette.capture.type.ValueHandling;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;

/** What a consumer that knows a column's form makes of its JSON: the literal that Postgres reads as the same value. */
final class ReadBack {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final ValueHandling handling;

    ReadBack(ValueHandling handling) {
        this.handling = handling;
    }

    String literal(ColumnType type, JsonNode value) {
        if (type instanceof ColumnType.Array array) {
            return array(array, value);
        }
        Form form = Form.of(type, handling);
        if (type instanceof ColumnType.Bits bits) {
            return bits(bits.length(), value);
        }
        return switch (form.semantic()) {
            case "io.debezium.data.geometry.Point" ->
                "(" + value.get("x").asText() + "," + value.get("y").asText() + ")";
            case "io.debezium.data.geometry.Geometry", "io.debezium.data.geometry.Geography" ->
                HexFormat.of()
                        .formatHex(Base64.getDecoder().decode(value.get("wkb").asText()));
            case "io.debezium.data.DoubleVector", "io.debezium.data.FloatVector" -> value.toString();
            case "io.debezium.data.SparseDoubleVector" -> sparse(value);
            case "io.debezium.time.Date" -> date(value.asLong());
            case "io.debezium.time.Time" -> time(value.asLong() * 1000);
            case "io.debezium.time.MicroTime" -> time(value.asLong());
            case "io.debezium.time.NanoTime" -> time(value.asLong() / 1000);
            case "io.debezium.time.Timestamp" -> timestamp(Math.multiplyExact(value.asLong(), 1000L), 1000);
            case "io.debezium.time.MicroTimestamp" -> timestamp(value.asLong(), 1);
            case "io.debezium.time.IsoDate", "io.debezium.time.IsoTimestamp", "io.debezium.time.ZonedTimestamp" ->
                iso(value.asText());
            case "io.debezium.time.IsoTime" -> value.asText().replace("Z", "");
            case "io.debezium.data.VariableScaleDecimal" ->
                decimal(value.get("value").asText(), value.get("scale").asInt());
            case "org.apache.kafka.connect.data.Decimal" ->
                decimal(
                        value.asText(),
                        type instanceof ColumnType.Money money
                                ? money.fractionDigits()
                                : ((ColumnType.Numeric) type).scale());
            default -> plain(type, value);
        };
    }

    private static String sparse(JsonNode value) {
        List<String> pairs = new ArrayList<>();
        for (JsonNode pair : value.get("vector")) {
            pairs.add(pair.get(0).asInt() + ":" + pair.get(1).asText());
        }
        return "{" + String.join(",", pairs) + "}/" + value.get("dimensions").asInt();
    }

    private static String bits(int length, JsonNode value) {
        if (value.isBoolean()) {
            return value.asBoolean() ? "1" : "0";
        }
        byte[] bytes = Base64.getDecoder().decode(value.asText());
        var text = new StringBuilder();
        for (int bit = length - 1; bit >= 0; bit--) {
            text.append(bytes[bit / 8] >> bit % 8 & 1);
        }
        return text.toString();
    }

    private String plain(ColumnType type, JsonNode value) {
        if (type == ColumnType.Scalar.BYTEA) {
            return "\\x" + HexFormat.of().formatHex(bytes(value.asText()));
        }
        if (type == ColumnType.Scalar.HSTORE) {
            return hstore(value.isObject() ? value : json(value.asText()));
        }
        return value.asText();
    }

    private byte[] bytes(String text) {
        return switch (handling.binaries()) {
            case BYTES, BASE64 -> Base64.getDecoder().decode(text);
            case BASE64_URL_SAFE -> Base64.getUrlDecoder().decode(text);
            case HEX -> HexFormat.of().parseHex(text);
        };
    }

    private String array(ColumnType.Array array, JsonNode values) {
        List<String> elements = new ArrayList<>();
        for (JsonNode value : values) {
            elements.add(
                    value.isNull()
                            ? "NULL"
                            : value.isArray() ? array(array, value) : quoted(literal(array.element(), value)));
        }
        return "{" + String.join(String.valueOf(array.delimiter()), elements) + "}";
    }

    static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    private static String hstore(JsonNode object) {
        List<String> pairs = new ArrayList<>();
        object.properties()
                .forEach(pair -> pairs.add(quoted(pair.getKey()) + "=>"
                        + (pair.getValue().isNull()
                                ? "NULL"
                                : quoted(pair.getValue().asText()))));
        return String.join(",", pairs);
    }

    private static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(text, e);
        }
    }

    private static String decimal(String unscaled, int scale) {
        return new BigDecimal(new BigInteger(Base64.getDecoder().decode(unscaled)), scale).toPlainString();
    }

    private static String date(long days) {
        return days == Integer.MAX_VALUE
                ? "infinity"
                : days == Integer.MIN_VALUE ? "-infinity" : civil(LocalDate.ofEpochDay(days), "");
    }

    private static String time(long micros) {
        long seconds = micros / 1_000_000;
        return "%02d:%02d:%02d.%06d".formatted(seconds / 3600, seconds / 60 % 60, seconds % 60, micros % 1_000_000);
    }

    /** @param unit microseconds in what the value was counted in, to which its marks of infinity are cut off */
    private static String timestamp(long micros, long unit) {
        if (Math.floorDiv(9_223_372_036_825_200_000L, unit) == micros / unit) {
            return "infinity";
        }
        if (Math.floorDiv(-9_223_372_036_832_400_000L, unit) == micros / unit) {
            return "-infinity";
        }
        long seconds = Math.floorDiv(micros, 1_000_000L);
        int nanos = (int) Math.floorMod(micros, 1_000_000L) * 1000;
        return civil(LocalDateTime.ofEpochSecond(seconds, nanos, ZoneOffset.UTC));
    }

    private static String iso(String text) {
        if (text.endsWith("infinity")) {
            return text;
        }
        String local = text.substring(0, text.length() - 1);
        return local.indexOf('T') < 0 ? civil(LocalDate.parse(local), "") : civil(LocalDateTime.parse(local));
    }

    private static String civil(LocalDateTime at) {
        return civil(at.toLocalDate(), " " + at.toLocalTime() + "Z");
    }

    /** Years before 1 as SQL counts them, and none with a sign. */
    private static String civil(LocalDate day, String time) {
        int year = day.getYear();
        return "%04d-%02d-%02d%s%s"
                .formatted(
                        year > 0 ? year : 1 - year,
                        day.getMonthValue(),
                        day.getDayOfMonth(),
                        time,
                        year > 0 ? "" : " BC");
    }
}
