package io.paillette.struct;

/**
 * How names of schemas and fields become such as Avro allows: letters, digits and underscores, no digit first; those of
 * schemas may have dots. As Debezium does it (Debezium 3.6: {@code SchemaNameAdjuster}).
 */
public enum NameAdjustment {
    NONE,
    /** What is not allowed becomes an underscore, and a digit at the beginning is put behind one. */
    AVRO,
    /** What is not allowed, underscores too, becomes {@code _u} and its code: names that differ still do. */
    AVRO_UNICODE;

    public String schema(String name) {
        return adjusted(name, true);
    }

    public String field(String name) {
        return adjusted(name, false);
    }

    private String adjusted(String name, boolean dots) {
        if (this == NONE) {
            return name;
        }
        var adjusted = new StringBuilder(name.length());
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (isLetter(c) || (i > 0 && (isDigit(c) || (dots && c == '.')))) {
                adjusted.append(c);
            } else if (this == AVRO_UNICODE) {
                String code = Integer.toHexString(c);
                adjusted.append("_u").append(code.length() <= 2 ? "00" : "").append(code);
            } else {
                adjusted.append('_').append(isDigit(c) ? String.valueOf(c) : "");
            }
        }
        return adjusted.toString();
    }

    private boolean isLetter(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (this == AVRO && c == '_');
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }
}
