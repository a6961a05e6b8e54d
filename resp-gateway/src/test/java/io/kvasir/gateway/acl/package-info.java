/** Users and rights, beside a redis-server and over connections. */
@NullMarked
package io.kvasir.gateway.acl;

import org.jspecify.annotations.NullMarked;
