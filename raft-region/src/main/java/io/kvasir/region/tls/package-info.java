/** Certificates and keys from their files, and what TLS makes of them: for clients and between nodes. */
@NullMarked
package io.kvasir.region.tls;

import org.jspecify.annotations.NullMarked;
