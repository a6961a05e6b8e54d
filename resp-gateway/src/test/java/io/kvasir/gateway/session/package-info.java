/** Commands about connections and the server, through real sockets, compared with redis-server where it can be. */
@NullMarked
package io.kvasir.gateway.session;

import org.jspecify.annotations.NullMarked;
