package io.kvasir.gateway.server;

import io.kvasir.gateway.command.Ranges;
import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.reply.Reply;
import io.kvasir.proto.request.Request;
import io.kvasir.region.Invocation;
import io.kvasir.txn.CommandExecutor;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;

/** The ranges as the executor knows them. Confined to the virtual thread that runs one command. */
final class ExecutorRanges implements Ranges {

    /** An executor answers sooner than this, by an error at the latest; beyond it something is broken. */
    private static final long ANSWER_SECONDS_MAX = 60;

    private static final Reply NO_ANSWER = Reply.error("UNDETERMINED no answer from a range in time");

    private final CommandExecutor executor;
    private final Predicate<RegionDescriptor> included;

    /** @param included which ranges the answer is to include */
    ExecutorRanges(CommandExecutor executor, Predicate<RegionDescriptor> included) {
        this.executor = executor;
        this.included = included;
    }

    @Override
    public List<RegionDescriptor> all() {
        return executor.regions();
    }

    @Override
    public boolean includes(RegionDescriptor region) {
        return included.test(region);
    }

    @Override
    public Reply call(RegionDescriptor region, Request request, Invocation invocation) {
        CompletableFuture<Reply> answer = new CompletableFuture<>();
        executor.executeAt(region, request, invocation, answer::complete);
        try {
            return answer.get(ANSWER_SECONDS_MAX, TimeUnit.SECONDS);
        } catch (TimeoutException late) {
            return NO_ANSWER;
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return NO_ANSWER;
        } catch (ExecutionException impossible) {
            throw new AssertionError("never completed with an exception", impossible);
        }
    }
}
