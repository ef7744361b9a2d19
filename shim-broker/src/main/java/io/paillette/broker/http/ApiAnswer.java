package io.paillette.broker.http;

import java.util.Map;

/** @param page written as JSON; a text is sent as it is */
record ApiAnswer(int code, Object page) {

    static final int OK = 200;
    static final int CREATED = 201;
    static final int ACCEPTED = 202;
    static final int BAD_REQUEST = 400;
    static final int NOT_FOUND = 404;
    static final int METHOD_NOT_ALLOWED = 405;
    static final int CONFLICT = 409;
    static final int TOO_LARGE = 413;
    static final int INTERNAL_ERROR = 500;
    static final int UNAVAILABLE = 503;

    static ApiAnswer ok(Object page) {
        return new ApiAnswer(OK, page);
    }

    static ApiAnswer error(int code, String sentence) {
        return new ApiAnswer(code, Map.of("error", sentence));
    }

    static ApiAnswer onlyWith(String... methods) {
        return error(METHOD_NOT_ALLOWED, "this page is there for " + String.join(" and ", methods));
    }
}
