package io.paillette.broker.net;

/** The host and port that clients of one listener are told to connect to. */
public record AdvertisedAddress(String listener, String host, int port) {}
