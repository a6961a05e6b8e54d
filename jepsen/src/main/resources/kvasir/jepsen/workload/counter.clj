(ns kvasir.jepsen.workload.counter
  "A counter that everybody adds to, and that is read."
  (:require [kvasir.jepsen.checker.counter :as checker]
            [kvasir.jepsen.client :as client]
            [kvasir.jepsen.errors :as errors]
            [kvasir.jepsen.random :as random]
            [kvasir.jepsen.resp :as resp]))

(set! *warn-on-reflection* true)

(defrecord CounterClient [connection]
  client/Client
  (open! [this test node] (assoc this :connection (client/connect test node)))
  (close! [_ _] (resp/close! connection))
  (setup! [_ _] nil)
  (teardown! [_ _] nil)
  (invoke! [_ _ {:keys [f value] :as op}]
    (errors/with-outcome (cond-> op (= :read f) (assoc :read-only? true))
      (case f
        :add (assoc op :type :ok :after (errors/checked (resp/call connection "INCRBY" "counter" value)))
        :read (let [value (errors/checked (resp/call connection "GET" "counter"))]
                (assoc op :type :ok :value (parse-long (or value "0"))))))))

(defn workload [_]
  {:client (->CounterClient nil)
   :generator (fn [] (if (zero? (random/long-below 3))
                       {:f :read :value nil}
                       {:f :add :value (inc (random/long-below 5))}))
   :final-generator (fn [] {:f :read :value nil})
   :checker (checker/checker)})
