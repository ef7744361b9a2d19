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

    /** What a reader expects who has JSON and no schema: exact numbers, ISO-8601, objects. */
    public static final ValueHandling PLAIN = new ValueHandling(
            DecimalHandling.PRECISE,
            TimePrecision.ISOSTRING,
            IntervalHandling.STRING,
            HstoreHandling.MAP,
            BinaryHandling.BASE64);

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
