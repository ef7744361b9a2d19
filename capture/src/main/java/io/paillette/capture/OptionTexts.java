package io.paillette.capture;

import java.util.Locale;
import java.util.Map;

/** Reads values of {@link CaptureOption} from the words of a user; what is not one is refused by the option's name. */
final class OptionTexts {

    private OptionTexts() {}

    static String text(Map<CaptureOption, String> options, CaptureOption option) {
        String value = options.get(option);
        if (value != null) {
            return value.strip();
        }
        return option.defaultValue()
                .orElseThrow(() -> new IllegalArgumentException(option.key() + " is missing: " + option.doc()));
    }

    static String textOr(Map<CaptureOption, String> options, CaptureOption option, String otherwise) {
        String value = text(options, option);
        return value.isEmpty() ? otherwise : value;
    }

    /** Each choice of an option is called as its constant is, in lower case, perhaps with hyphens. */
    static <E extends Enum<E>> E choice(Map<CaptureOption, String> options, CaptureOption option, Class<E> of) {
        String value = text(options, option).toLowerCase(Locale.ROOT);
        require(
                option.choices().contains(value),
                option,
                "\"" + value + "\" must be one of " + String.join(", ", option.choices()));
        return Enum.valueOf(of, value.toUpperCase(Locale.ROOT).replace('-', '_'));
    }

    static boolean flag(Map<CaptureOption, String> options, CaptureOption option) {
        String value = text(options, option).toLowerCase(Locale.ROOT);
        require(value.equals("true") || value.equals("false"), option, "\"" + value + "\" must be true or false");
        return value.equals("true");
    }

    static long bytes(Map<CaptureOption, String> options, CaptureOption option) {
        String value = text(options, option);
        try {
            long bytes = Long.parseLong(value);
            require(bytes > 0, option, value + " must be greater than 0");
            return bytes;
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(option.key() + ": \"" + value + "\" must be a number of bytes", e);
        }
    }

    /** From 1 on. */
    static int number(Map<CaptureOption, String> options, CaptureOption option, int most) {
        String value = text(options, option);
        try {
            int number = Integer.parseInt(value);
            require(number >= 1 && number <= most, option, value + " must be a number from 1 to " + most);
            return number;
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    option.key() + ": \"" + value + "\" must be a number from 1 to " + most, e);
        }
    }

    static void require(boolean holds, CaptureOption option, String rule) {
        if (!holds) {
            throw new IllegalArgumentException(option.key() + ": " + rule);
        }
    }
}
