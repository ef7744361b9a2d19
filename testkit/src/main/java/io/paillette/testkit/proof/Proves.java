package io.paillette.testkit.proof;

import java.lang.annotation.ElementType;
import java.lang.annotation.Repeatable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;

/**
 * What a test proves about a client as published: a row of docs/compatibility.md, once the test has passed. {@code -Dgroups=client}
 * runs these tests alone.
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@Repeatable(Proves.All.class)
@Tag("client")
public @interface Proves {

    /** As its makers call it. */
    String client();

    Published[] version();

    String what();

    /** Several of them. */
    @Target(ElementType.METHOD)
    @Retention(RetentionPolicy.RUNTIME)
    @Tag("client")
    @interface All {
        Proves[] value();
    }
}
