package io.kvasir.region.range;

/** Whether anybody wants keyspace events; a command records none otherwise (rule K35). Safe for any thread. */
public final class ListenerSwitch {

    private volatile boolean wanted;

    public boolean wanted() {
        return wanted;
    }

    public void set(boolean nowWanted) {
        wanted = nowWanted;
    }
}
