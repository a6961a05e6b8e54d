package io.kvasir.tools.transfer;

import java.io.IOException;

/** Says in one line why a transfer cannot go on. */
final class TransferException extends IOException {

    private static final long serialVersionUID = 1;

    TransferException(String message) {
        super(message);
    }
}
