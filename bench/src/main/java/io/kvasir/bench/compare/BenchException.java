package io.kvasir.bench.compare;

/** Why a comparison cannot be made, in words for the user who asked for it. */
final class BenchException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    BenchException(String message) {
        super(message);
    }
}
