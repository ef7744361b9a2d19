package io.paillette.capture.type;

/** The forms that a user chose for the types that have several. */
public record ValueHandling(
        DecimalHandling decimals,
        TimePrecision times,
        IntervalHandling intervals,
        HstoreHandling hstores,
        BinaryHandling binaries) {

    /** Debezium's. */
    public static final ValueHandling DEFAULT = new ValueHandling(
            DecimalHandling.PRECISE,
            TimePrecision.ADAPTIVE,
            IntervalHandling.NUMERIC,
            HstoreHandling.JSON,
            BinaryHandling.BYTES);

    public ValueHandling with(DecimalHandling other) {
        return new ValueHandling(other, times, intervals, hstores, binaries);
    }

    public ValueHandling with(TimePrecision other) {
        return new ValueHandling(decimals, other, intervals, hstores, binaries);
    }

    public ValueHandling with(IntervalHandling other) {
        return new ValueHandling(decimals, times, other, hstores, binaries);
    }

    public ValueHandling with(HstoreHandling other) {
        return new ValueHandling(decimals, times, intervals, other, binaries);
    }

    public ValueHandling with(BinaryHandling other) {
        return new ValueHandling(decimals, times, intervals, hstores, other);
    }
}
