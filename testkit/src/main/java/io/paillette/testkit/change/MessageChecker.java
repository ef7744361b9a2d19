package io.paillette.testkit.change;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** Compares what {@link MessageWriter} wrote with the records of the topics {@code message} and {@code transaction}. */
public final class MessageChecker {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final MessageWriter written;

    public MessageChecker(MessageWriter written) {
        this.written = written;
    }

    /** Whether there are as many as there must be, or more. */
    public boolean isEnough(int messages, int transactions) {
        return messages >= written.messages().size()
                && transactions >= 2 * written.counts().size();
    }

    /** What is wrong, each as a sentence; nothing when each message and each transaction is there once and in order. */
    public List<String> problems(List<String> messages, List<String> transactions) {
        List<String> problems = new ArrayList<>();
        List<String> contents = messages.stream().map(MessageChecker::content).toList();
        if (!contents.equals(written.messages())) {
            problems.add("messages " + contents + " instead of " + written.messages());
        }
        List<String> told = transactions.stream().map(MessageChecker::told).toList();
        List<String> expected = new ArrayList<>();
        for (int count : written.counts()) {
            expected.add("BEGIN null");
            expected.add("END " + count);
        }
        if (!told.equals(expected)) {
            problems.add("transactions " + told + " instead of " + expected);
        }
        List<String> ids =
                transactions.stream().map(text -> json(text).get("id").asText()).toList();
        for (int i = 0; i + 1 < ids.size(); i += 2) {
            if (!ids.get(i).equals(ids.get(i + 1))) {
                problems.add("BEGIN of " + ids.get(i) + " is followed by END of " + ids.get(i + 1));
            }
        }
        return problems;
    }

    private static String told(String transaction) {
        JsonNode value = json(transaction);
        return value.get("status").asText() + " " + value.get("event_count");
    }

    private static String content(String message) {
        return new String(
                Base64.getDecoder().decode(json(message).at("/message/content").asText()), UTF_8);
    }

    private static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
