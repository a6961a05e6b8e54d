(ns kvasir.jepsen.workload.cas-register
  "Registers that are read, written, and compared and set, by WATCH or by a script; each must be linearizable."
  (:require [kvasir.jepsen.checker.register :as checker]
            [kvasir.jepsen.client :as client]
            [kvasir.jepsen.errors :as errors]
            [kvasir.jepsen.generator :as generator]
            [kvasir.jepsen.independent :as independent]
            [kvasir.jepsen.random :as random]
            [kvasir.jepsen.resp :as resp]))

(set! *warn-on-reflection* true)

(def script
  "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('SET', KEYS[1], ARGV[2]) return 1 end return 0")

(defn- by-watch [connection k old new]
  (errors/checked (resp/call connection "WATCH" k))
  (if (= (str old) (errors/checked (resp/call connection "GET" k)))
    (some? (errors/checked (client/exec connection [["SET" k new]])))
    (do (errors/checked (resp/call connection "UNWATCH"))
        false)))

(defn- by-script [connection k old new]
  (= 1 (errors/checked (resp/call connection "EVAL" script "1" k old new))))

(defrecord CasClient [connection]
  client/Client
  (open! [this test node] (assoc this :connection (client/connect test node)))
  (close! [_ _] (resp/close! connection))
  (setup! [_ _] nil)
  (teardown! [_ _] nil)
  (invoke! [_ _ {:keys [f] [k v] :value :as op}]
    (let [key (str "cas:" k)]
      (errors/with-outcome (cond-> op (= :read f) (assoc :read-only? true))
        (case f
          :read (let [value (errors/checked (resp/call connection "GET" key))]
                  (assoc op :type :ok :value (independent/tuple k (some-> value parse-long))))
          :write (do (errors/checked (resp/call connection "SET" key v))
                     (assoc op :type :ok))
          :cas (let [[old new] v]
                 (if ((if (= :watch (:via op)) by-watch by-script) connection key old new)
                   (assoc op :type :ok)
                   (assoc op :type :fail :error :other-value))))))))

(def ^:private values-max 5)

(defn- operation []
  (case (random/long-below 4)
    0 {:f :write :value (random/long-below values-max)}
    1 {:f :cas
       :value [(random/long-below values-max) (random/long-below values-max)]
       :via (random/pick [:watch :script])}
    {:f :read :value nil}))

(defn workload [{:keys [key-count ops-per-key] :or {key-count 8 ops-per-key 120}}]
  {:client (->CasClient nil)
   :generator (independent/concurrent key-count (fn [_] (generator/limit ops-per-key (fn [] (operation)))))
   :checker (independent/checker (checker/checker))})
