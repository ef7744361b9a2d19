package io.paillette.capture.type;

/** How {@code bytea} travels, by the name and meaning of Debezium's {@code binary.handling.mode}. */
public enum BinaryHandling {
    /** Bytes, which JSON shows as base64. */
    BYTES,
    /** A string in base64. */
    BASE64,
    /** A string in the base64 that needs no escapes in URLs and file names (RFC 4648, section 5). */
    BASE64_URL_SAFE,
    /** A string of two lower-case hex digits for each byte. */
    HEX
}
