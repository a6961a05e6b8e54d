(ns kvasir.jepsen.workload.append
  "Transactions that append to lists and read them, whose keys lie in different ranges: RPUSH and LRANGE within
  MULTI, or within a script. One operation alone is sent as it is."
  (:require [kvasir.jepsen.checker.append :as checker]
            [kvasir.jepsen.client :as client]
            [kvasir.jepsen.errors :as errors]
            [kvasir.jepsen.random :as random]
            [kvasir.jepsen.resp :as resp]))

(set! *warn-on-reflection* true)

(def script
  "local done = {}
   for i, key in ipairs(KEYS) do
     if ARGV[i] == 'r' then done[i] = redis.call('LRANGE', key, 0, -1)
     else done[i] = redis.call('RPUSH', key, ARGV[i]) end
   end
   return done")

(defn- list-key [k] (str "list:" k))

(defn- command [[f k v]]
  (case f
    :r ["LRANGE" (list-key k) "0" "-1"]
    :append ["RPUSH" (list-key k) v]))

(defn- result [[f k v] reply]
  (case f
    :r [:r k (mapv parse-long (errors/part reply))]
    :append (do (errors/part reply) [:append k v])))

(defrecord AppendClient [connection lua?]
  client/Client
  (open! [this test node] (assoc this :connection (client/connect test node)))
  (close! [_ _] (resp/close! connection))
  (setup! [_ _] nil)
  (teardown! [_ _] nil)
  (invoke! [_ _ {mops :value :as op}]
    (errors/with-outcome (cond-> op (every? #(= :r (first %)) mops) (assoc :read-only? true))
      (let [replies (cond
                      (= 1 (count mops)) [(errors/checked (apply resp/call connection (command (first mops))))]
                      lua? (errors/checked
                            (apply resp/call connection
                                   (concat ["EVAL" script (count mops)]
                                           (map #(list-key (second %)) mops)
                                           (map (fn [[f _ v]] (if (= :r f) "r" v)) mops))))
                      :else (errors/checked (client/exec connection (map command mops))))]
        (if (nil? replies)
          (assoc op :type :fail :error :aborted)
          (assoc op :type :ok :value (mapv result mops replies)))))))

(defn transactions
  "{:generator of transactions of 1 to length-max operations over some keys, each of which is used half as often as
  the one before, :final-generator of transactions that read all of them}. A key is given up for a new one after
  writes-max writes; write is :append or :w."
  [{:keys [key-count length-max writes-max write] :or {key-count 10 length-max 4 writes-max 128}}]
  (let [state (volatile! {:keys (vec (range key-count)) :next key-count :written {}})
        draw (fn []
               (let [i (random/exponential-below key-count)
                     k (nth (:keys @state) i)]
                 (if (zero? (random/long-below 2))
                   [:r k nil]
                   (let [n (inc (long (get-in @state [:written k] 0)))]
                     (if (>= n (long writes-max))
                       (vswap! state (fn [s] (-> s
                                                 (assoc-in [:keys i] (:next s))
                                                 (update :next inc)
                                                 (update :written dissoc k))))
                       (vswap! state assoc-in [:written k] n))
                     [write k n]))))]
    {:generator (fn [] {:f :txn :value (vec (repeatedly (inc (random/long-below length-max)) draw))})
     :final-generator (fn [] {:f :txn :value (mapv (fn [k] [:r k nil]) (:keys @state))})}))

(defn workload
  "Options: :lua?, :model and those of transactions."
  [{:keys [lua? model] :or {model :strict-serializable} :as options}]
  (assoc (transactions (assoc options :write :append))
         :client (->AppendClient nil (boolean lua?))
         :checker (checker/checker {:model model})))
