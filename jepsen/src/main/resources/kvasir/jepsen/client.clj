(ns kvasir.jepsen.client
  "What does operations. One process uses one client, which uses one connection."
  (:require [kvasir.jepsen.db :as db]
            [kvasir.jepsen.resp :as resp]))

(set! *warn-on-reflection* true)

(defprotocol Client
  (open! [client test node] "Returns a client connected to node; throws if it cannot be.")
  (close! [client test] "Closes what open! opened.")
  (setup! [client test] "Called once for each node before the first operation.")
  (invoke! [client test op] "Returns op completed: with :type :ok, :fail or :info. What it throws makes it :info.")
  (teardown! [client test] "Called once for each node after the last operation."))

(defprotocol Reusable
  (reusable? [client test] "Whether a process that takes the place of a crashed one may go on with this client."))

(defn connect
  "A connection to a node's gateway."
  [test node]
  (let [[host port] (db/address (:db test) test node)]
    (resp/connect host port (:reply-millis-max test 10000))))

(defn exec
  "Sends commands as one MULTI and returns what EXEC answers: nil if a watched key had changed."
  [connection commands]
  (let [replies (resp/pipeline connection (concat [["MULTI"]] commands [["EXEC"]]))
        exec (peek replies)
        early (first (filter resp/failure? (pop replies)))]
    ;; a command that was refused while it was queued says more than EXECABORT, and means the same
    (if (and early (resp/failure? exec)) early exec)))
