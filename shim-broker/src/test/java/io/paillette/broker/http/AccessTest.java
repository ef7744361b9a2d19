package io.paillette.broker.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.Headers;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class AccessTest {

    private static final Access LOCAL = new Access(true, Optional.empty());
    private static final Access OPEN = new Access(false, Optional.empty());
    private static final Access GUARDED = new Access(false, Optional.of("s3cret"));

    @Test
    void onThisMachineWhateverIsNoPageOfAnotherSiteMayChangeThings() {
        assertThat(code(LOCAL, "PUT", json("Host", "127.0.0.1:8080"))).isZero();
        assertThat(code(LOCAL, "PUT", json("Host", "[::1]:8080"))).isZero();
        assertThat(code(LOCAL, "PUT", json("Host", "localhost"))).isZero();
        assertThat(code(LOCAL, "DELETE", headers("Host", "localhost:8080"))).isZero();
        assertThat(code(LOCAL, "POST", json("Host", "localhost:8080", "Origin", "http://localhost:8080")))
                .isZero();
        assertThat(code(LOCAL, "POST", json("Host", "localhost:8080", "Origin", "http://evil.example")))
                .isEqualTo(403);
        assertThat(code(LOCAL, "POST", json("Host", "localhost:8080", "Origin", "null")))
                .isEqualTo(403);
        assertThat(code(LOCAL, "PUT", json("Host", "evil.example:8080")))
                .as("a name that leads here")
                .isEqualTo(403);
        assertThat(code(LOCAL, "PUT", json())).isEqualTo(403);
    }

    @Test
    void aBrowserSendsJsonToAnotherSiteOnlyWhenThatAllowsIt() {
        assertThat(code(LOCAL, "POST", headers("Host", "localhost", "Content-Type", "text/plain")))
                .isEqualTo(415);
        assertThat(code(LOCAL, "POST", headers("Host", "localhost"))).isEqualTo(415);
        assertThat(code(LOCAL, "POST", headers("Host", "localhost", "Content-Type", "Application/JSON; charset=utf-8")))
                .isZero();
        assertThat(code(GUARDED, "POST", headers("Authorization", "Bearer s3cret")))
                .isEqualTo(415);
    }

    @Test
    void elsewhereTheTokenIsAskedFor() {
        assertThat(code(OPEN, "PUT", json("Host", "127.0.0.1"))).isEqualTo(401);
        assertThat(code(OPEN, "DELETE", headers("Authorization", "Bearer "))).isEqualTo(401);
        assertThat(code(GUARDED, "PUT", json())).isEqualTo(401);
        assertThat(code(GUARDED, "PUT", json("Authorization", "Bearer s3cre"))).isEqualTo(401);
        assertThat(code(GUARDED, "PUT", json("Authorization", "Bearer"))).isEqualTo(401);
        assertThat(code(GUARDED, "PUT", json("Authorization", "Basic s3cret"))).isEqualTo(401);
        assertThat(code(GUARDED, "PUT", json("Authorization", "Bearer s3cret"))).isZero();
        assertThat(code(GUARDED, "DELETE", headers("Authorization", "bearer s3cret")))
                .isZero();
        assertThat(GUARDED.toString()).doesNotContain("s3cret");
    }

    /** A converter's password may be among what is told. */
    @Test
    void readingIsForThoseWhoMayChange() {
        assertThat(code(LOCAL, "GET", headers("Host", "localhost:8080"))).isZero();
        assertThat(code(LOCAL, "GET", headers("Host", "evil.example:8080"))).isEqualTo(403);
        assertThat(code(OPEN, "GET", headers("Host", "127.0.0.1"))).isEqualTo(401);
        assertThat(code(GUARDED, "GET", headers("Host", "127.0.0.1"))).isEqualTo(401);
        assertThat(code(GUARDED, "GET", headers("Authorization", "Bearer s3cret")))
                .isZero();
    }

    private static int code(Access access, String method, Headers headers) {
        return access.refusal(method, headers).map(ApiAnswer::code).orElse(0);
    }

    private static Headers json(String... pairs) {
        Headers headers = headers(pairs);
        headers.set("Content-Type", "application/json");
        return headers;
    }

    private static Headers headers(String... pairs) {
        var headers = new Headers();
        for (int i = 0; i < pairs.length; i += 2) {
            headers.set(pairs[i], pairs[i + 1]);
        }
        return headers;
    }
}
