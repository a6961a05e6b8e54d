(ns kvasir.jepsen.workload.set
  "Elements that are added to a set, each once, and the set read as a whole."
  (:require [kvasir.jepsen.checker.set :as checker]
            [kvasir.jepsen.client :as client]
            [kvasir.jepsen.errors :as errors]
            [kvasir.jepsen.random :as random]
            [kvasir.jepsen.resp :as resp]))

(set! *warn-on-reflection* true)

(defrecord SetClient [connection]
  client/Client
  (open! [this test node] (assoc this :connection (client/connect test node)))
  (close! [_ _] (resp/close! connection))
  (setup! [_ _] nil)
  (teardown! [_ _] nil)
  (invoke! [_ _ {:keys [f value] :as op}]
    (errors/with-outcome (cond-> op (= :read f) (assoc :read-only? true))
      (case f
        :add (if (= 1 (errors/checked (resp/call connection "SADD" "set" value)))
               (assoc op :type :ok)
               (assoc op :type :info :error [:unlisted "SADD of an element that nobody had added answered 0"]))
        :read (assoc op :type :ok
                     :value (into (sorted-set) (map parse-long)
                                  (errors/checked (resp/call connection "SMEMBERS" "set"))))))))

(defn workload [_]
  (let [next-element (volatile! -1)]
    {:client (->SetClient nil)
     :generator (fn [] (if (zero? (random/long-below 20))
                         {:f :read :value nil}
                         {:f :add :value (vswap! next-element inc)}))
     :final-generator (fn [] {:f :read :value nil})
     :checker (checker/checker)}))
