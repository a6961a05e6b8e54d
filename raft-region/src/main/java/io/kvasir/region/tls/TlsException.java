package io.kvasir.region.tls;

import java.io.IOException;

/** TLS cannot be configured so; the message says in one line which setting and why. */
public final class TlsException extends IOException {

    private static final long serialVersionUID = 1L;

    public TlsException(String message) {
        super(message);
    }
}
