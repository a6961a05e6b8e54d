(ns kvasir.jepsen.workload.bank
  "Money moved between accounts in different ranges, by a script or by WATCH and MULTI, and looked at as a whole by
  MGET, MULTI and a script. No account may go below zero."
  (:require [kvasir.jepsen.checker.bank :as checker]
            [kvasir.jepsen.client :as client]
            [kvasir.jepsen.errors :as errors]
            [kvasir.jepsen.random :as random]
            [kvasir.jepsen.resp :as resp]))

(set! *warn-on-reflection* true)

(def transfer-script
  "local from = tonumber(redis.call('GET', KEYS[1]))
   local amount = tonumber(ARGV[1])
   if from < amount then return 0 end
   redis.call('DECRBY', KEYS[1], ARGV[1])
   redis.call('INCRBY', KEYS[2], ARGV[1])
   return 1")

(def read-script "local all = {} for i, key in ipairs(KEYS) do all[i] = redis.call('GET', key) end return all")

(defn- account [i] (str "account:" i))

(defn- by-script [connection from to amount]
  (= 1 (errors/checked (resp/call connection "EVAL" transfer-script "2" (account from) (account to) amount))))

(defn- by-watch [connection from to amount]
  (errors/checked (resp/call connection "WATCH" (account from) (account to)))
  (let [[a b] (mapv #(parse-long (errors/checked %))
                    (errors/checked (resp/call connection "MGET" (account from) (account to))))]
    (if (< (long a) (long amount))
      (do (errors/checked (resp/call connection "UNWATCH")) false)
      (some? (errors/checked
              (client/exec connection [["SET" (account from) (- (long a) (long amount))]
                                       ["SET" (account to) (+ (long b) (long amount))]]))))))

(defn- balances [connection via accounts]
  (let [names (map account accounts)
        replies (errors/checked
                 (case via
                   :mget (apply resp/call connection "MGET" names)
                   :multi (client/exec connection (map #(vector "GET" %) names))
                   :script (apply resp/call connection "EVAL" read-script (count names) names)))]
    (zipmap accounts (map #(some-> (errors/part %) parse-long) replies))))

(defrecord BankClient [connection]
  client/Client
  (open! [this test node] (assoc this :connection (client/connect test node)))
  (close! [_ _] (resp/close! connection))
  (setup! [_ test]
    (let [accounts (:accounts test)
          each (quot (long (:total-amount test)) (count accounts))]
      (errors/checked (apply resp/call connection "MSETNX" (mapcat (fn [i] [(account i) each]) accounts)))))
  (teardown! [_ _] nil)
  (invoke! [_ test {:keys [f value via] :as op}]
    (errors/with-outcome (cond-> op (= :read f) (assoc :read-only? true))
      (case f
        :read (assoc op :type :ok :value (balances connection via (:accounts test)))
        :transfer (let [{:keys [from to amount]} value]
                    (if ((if (= :watch via) by-watch by-script) connection from to amount)
                      (assoc op :type :ok)
                      (assoc op :type :fail :error :not-done)))))))

(defn- operation [accounts]
  (if (zero? (random/long-below 3))
    {:f :read :value nil :via (random/pick [:mget :multi :script])}
    (let [[from to] (random/shuffled accounts)]
      {:f :transfer
       :value {:from from :to to :amount (inc (random/long-below 5))}
       :via (random/pick [:script :watch])})))

(defn workload [_]
  (let [accounts (vec (range 8))]
    {:client (->BankClient nil)
     :generator (fn [] (operation accounts))
     :final-generator (fn [] {:f :read :value nil :via :mget})
     :checker (checker/checker)
     :test {:accounts accounts :total-amount 80}}))
