/** What should move in the cluster, and why: functions from a view of the cluster to operators, and their book. */
@NullMarked
package io.kvasir.placement.schedule;

import org.jspecify.annotations.NullMarked;
