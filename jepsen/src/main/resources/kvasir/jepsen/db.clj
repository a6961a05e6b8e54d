(ns kvasir.jepsen.db
  "Starts, stops, kills and pauses the database.")

(set! *warn-on-reflection* true)

(defprotocol DB
  (setup! [db test node] "Starts the database at node.")
  (teardown! [db test node] "Ends it and removes what it wrote."))

(defprotocol Kill
  (kill! [db test node] "Kills node's process (SIGKILL); returns evidence.")
  (start! [db test node] "Starts node's process if it does not run; returns evidence."))

(defprotocol Pause
  (pause! [db test node] "Stops node's process where it is (SIGSTOP); returns evidence.")
  (resume! [db test node] "Lets it go on; returns evidence."))

(defprotocol Primary
  (primaries [db test] "Nodes that lead a range, as far as can be told.")
  (setup-primary! [db test node] "Called at one node after all are set up."))

(defprotocol LogFiles
  (log-files [db test node] "Paths of node's logs."))

(defprotocol Address
  (address [db test node] "[host port] of node's gateway.")
  (await-serving [db test millis-max] "Waits until every node answers a write; returns those that do not."))

(defprotocol Replicas
  (compare-replicas [db test] "Compares all replicas of all ranges: :equal, :different, or :not-compared."))
