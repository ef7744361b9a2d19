package io.paillette.broker.cli.remote;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which change of which row. */
final class PlaceOptions {

    @Option(
            names = "--key",
            paramLabel = "COLUMN=VALUE[,...]",
            description = "A row, by its key; with --change which of its changes.")
    private @Nullable String key;

    @Option(
            names = "--change",
            paramLabel = "first|last|N",
            defaultValue = "first",
            description = "Of the row of --key (default: ${DEFAULT-VALUE}).")
    private String change = "";

    boolean isGiven() {
        return key != null;
    }

    /** @throws RefusedException saying what is to be written */
    Place place() throws RefusedException {
        return new Place.Row(RecordKey.parse(String.valueOf(key)), number());
    }

    private long number() throws RefusedException {
        return switch (change) {
            case "first" -> 1;
            case "last" -> -1;
            default -> {
                if (!change.matches("[1-9]\\d{0,8}")) {
                    throw new RefusedException(
                            "\"" + change + "\" is no change: write first, last or its number from 1");
                }
                yield Long.parseLong(change);
            }
        };
    }
}
