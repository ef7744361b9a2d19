package io.paillette.testkit.proof;

import io.paillette.testkit.proof.ProofRecord.Outcome;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.support.descriptor.ClassSource;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;

/**
 * Writes down how each test ended that {@link Proves} something: a file for each below {@code proofs.directory}, which the build
 * names; elsewhere, in an IDE for one, nothing is written. JUnit finds it through META-INF/services.
 */
public final class ProofRecorder implements TestExecutionListener {

    private final @Nullable String directory;
    private final Map<Method, Outcome> outcomes = new ConcurrentHashMap<>();

    public ProofRecorder() {
        this(System.getProperty("proofs.directory"));
    }

    ProofRecorder(@Nullable String directory) {
        this.directory = directory;
    }

    @Override
    public void executionSkipped(TestIdentifier test, String reason) {
        ended(test, Outcome.SKIPPED);
    }

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
        switch (result.getStatus()) {
            case FAILED -> ended(test, Outcome.FAILED);
            case ABORTED -> ended(test, Outcome.SKIPPED);
            case SUCCESSFUL -> ended(test, Outcome.PASSED);
        }
    }

    private void ended(TestIdentifier test, Outcome outcome) {
        var source = test.getSource().orElse(null);
        if (source instanceof MethodSource method) {
            // A container ends well whatever became of what is in it.
            if (test.isTest() || outcome != Outcome.PASSED) {
                outcomes.merge(method.getJavaMethod(), outcome, Outcome::orWorse);
            }
        } else if (source instanceof ClassSource type) {
            ended(type.getJavaClass(), outcome);
        }
    }

    /** What befalls a class befalls all of its tests. They are over: what is known of them now is all. */
    private void ended(Class<?> type, Outcome outcome) {
        for (Method method : type.getDeclaredMethods()) {
            if (outcome != Outcome.PASSED) {
                outcomes.merge(method, outcome, Outcome::orWorse);
            }
            Outcome ended = outcomes.remove(method);
            if (directory != null && ended != null && proofs(method).length > 0) {
                write(Path.of(directory), method, ended);
            }
        }
    }

    private static Proves[] proofs(Method method) {
        return method.getAnnotationsByType(Proves.class);
    }

    private static void write(Path directory, Method method, Outcome outcome) {
        Class<?> type = method.getDeclaringClass();
        var lines = Arrays.stream(proofs(method))
                .map(proves ->
                        ProofRecord.of(outcome, proves, type.getSimpleName()).line())
                .toList();
        try {
            Files.createDirectories(directory);
            Files.write(directory.resolve(type.getName() + "." + method.getName()), lines);
        } catch (IOException e) {
            throw new UncheckedIOException("what " + method + " proves cannot be written down", e);
        }
    }
}
