/** What a gateway knows of each client, and the commands about connections and the server itself. */
@NullMarked
package io.kvasir.gateway.session;

import org.jspecify.annotations.NullMarked;
