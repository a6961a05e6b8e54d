(ns kvasir.jepsen.workload.rw-register
  "Transactions that read and write strings, each value once, whose keys lie in different ranges: MGET or MSET where
  there are reads or writes alone, MULTI otherwise."
  (:require [kvasir.jepsen.checker.rw-register :as checker]
            [kvasir.jepsen.client :as client]
            [kvasir.jepsen.errors :as errors]
            [kvasir.jepsen.resp :as resp]
            [kvasir.jepsen.workload.append :as append]))

(set! *warn-on-reflection* true)

(defn- register-key [k] (str "register:" k))

(defn- result [[f k v] reply]
  (let [reply (errors/part reply)]
    (case f
      :r [:r k (some-> reply parse-long)]
      :w [:w k v])))

(defn- command [[f k v]]
  (case f
    :r ["GET" (register-key k)]
    :w ["SET" (register-key k) v]))

(defn- perform
  "Returns one reply for each operation, nil if nothing was done."
  [connection mops]
  (let [kinds (set (map first mops))
        distinct? (apply distinct? (map second mops))]
    (cond
      (= 1 (count mops)) [(errors/checked (apply resp/call connection (command (first mops))))]
      (= #{:r} kinds) (errors/checked (apply resp/call connection "MGET" (map #(register-key (second %)) mops)))
      (and distinct? (= #{:w} kinds))
      (let [words (mapcat (fn [[_ k v]] [(register-key k) v]) mops)
            reply (errors/checked (apply resp/call connection "MSET" words))]
        (repeat (count mops) reply))
      :else (errors/checked (client/exec connection (map command mops))))))

(defrecord RegisterClient [connection]
  client/Client
  (open! [this test node] (assoc this :connection (client/connect test node)))
  (close! [_ _] (resp/close! connection))
  (setup! [_ _] nil)
  (teardown! [_ _] nil)
  (invoke! [_ _ {mops :value :as op}]
    (errors/with-outcome (cond-> op (every? #(= :r (first %)) mops) (assoc :read-only? true))
      (if-let [replies (perform connection mops)]
        (assoc op :type :ok :value (mapv result mops replies))
        (assoc op :type :fail :error :aborted)))))

(defn workload [{:keys [model] :or {model :strict-serializable} :as options}]
  (assoc (append/transactions (assoc options :write :w))
         :client (->RegisterClient nil)
         :checker (checker/checker {:model model})))
