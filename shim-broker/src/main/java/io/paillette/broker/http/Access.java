package io.paillette.broker.http;

import com.sun.net.httpserver.Headers;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Who may look after sequences: whoever gives the token; where there is none, whoever is on this machine. Pages that a browser shows are
 * on this machine too, so nothing is done for a page of another site, nor for one that calls itself by another name. Reading is no
 * less: options of a converter may have a password in them.
 */
record Access(boolean loopback, Optional<String> token) {

    private static final int UNAUTHORIZED = 401;
    private static final int FORBIDDEN = 403;
    private static final int UNSUPPORTED_MEDIA_TYPE = 415;
    private static final String BEARER = "Bearer ";
    private static final Set<String> BODIED = Set.of("PUT", "POST", "PATCH");

    /** {@code 127.0.0.1:8080}, {@code [::1]}, {@code localhost}: names that no name server can lead astray. */
    private static final Pattern LITERAL = Pattern.compile("(localhost|[0-9.]+|\\[[0-9a-fA-F:.]+])(:\\d+)?");

    /** Empty: it may be done. */
    Optional<ApiAnswer> refusal(String method, Headers headers) {
        if (BODIED.contains(method) && !isJson(headers)) {
            return refuse(UNSUPPORTED_MEDIA_TYPE, "the request has to say Content-Type: application/json");
        }
        if (token.isPresent()) {
            return isGiven(token.get(), headers)
                    ? Optional.empty()
                    : refuse(
                            UNAUTHORIZED,
                            "this needs the broker's http.token: send the header Authorization: Bearer TOKEN");
        }
        if (!loopback) {
            return refuse(
                    UNAUTHORIZED,
                    "nothing is told or changed here: http.listen is no loopback address, and http.token is not set");
        }
        String host = text(headers, "Host");
        String origin = text(headers, "Origin");
        boolean own = LITERAL.matcher(host.toLowerCase(Locale.ROOT)).matches();
        return own && (origin.isEmpty() || origin.equals("http://" + host))
                ? Optional.empty()
                : refuse(
                        FORBIDDEN,
                        "nothing is told or changed for a page of another site; set http.token to be asked for it");
    }

    private static boolean isJson(Headers headers) {
        String type = text(headers, "Content-Type").split(";", 2)[0].strip();
        return type.equalsIgnoreCase("application/json");
    }

    /** In a time that does not tell how much of it is right. */
    private static boolean isGiven(String token, Headers headers) {
        String given = text(headers, "Authorization");
        return given.regionMatches(true, 0, BEARER, 0, BEARER.length())
                && MessageDigest.isEqual(
                        given.substring(BEARER.length()).strip().getBytes(StandardCharsets.UTF_8),
                        token.getBytes(StandardCharsets.UTF_8));
    }

    private static String text(Headers headers, String name) {
        return Optional.ofNullable(headers.getFirst(name)).orElse("");
    }

    private static Optional<ApiAnswer> refuse(int code, String sentence) {
        return Optional.of(ApiAnswer.error(code, sentence));
    }

    /** Never the token. */
    @Override
    public String toString() {
        return "Access[loopback=" + loopback + "]";
    }
}
